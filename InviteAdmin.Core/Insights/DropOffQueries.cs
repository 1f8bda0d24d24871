using System.Globalization;
using InviteAdmin.Data;
using InviteAdmin.Waitlist;
using Npgsql;

namespace InviteAdmin.Insights;

/// <summary>Where people stopped: they took the step before and not this one.</summary>
public enum DropOff
{
    /// <summary>Joined and did not confirm.</summary>
    Confirmed,

    /// <summary>Confirmed and were not invited.</summary>
    Invited,

    /// <summary>Were invited and did not register.</summary>
    Registered,

    /// <summary>Registered and brought nobody.</summary>
    Brought,
}

/// <summary>One person who stopped at a step.</summary>
public sealed record DropOffRow(string Id, string Name, string Email, string Status, string? Source, DateTimeOffset JoinedAt, DateTimeOffset? InvitedAt, DateTimeOffset? RegisteredAt);

/// <summary>Lists the people behind a loss of the funnel, as they are now, by the index that finds them.</summary>
public sealed class DropOffQueries(NpgsqlDataSource source)
{
    public const int PageSize = 50;

    /// <summary>Nobody pages further; a shorter range finds what lies behind.</summary>
    public const int LastPage = 200;

    /// <summary>A page and whether another follows; page 1 is the first.</summary>
    public async Task<(IReadOnlyList<DropOffRow> Rows, bool More)> Page(InsightRange range, DropOff step, string? from, int page, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var offset = (Math.Clamp(page, 1, LastPage) - 1) * PageSize;
        var rows = await connection.Query(
            string.Create(CultureInfo.InvariantCulture, $"{Select(step, from)} OFFSET {offset} LIMIT {PageSize + 1}"), Row, cancel, Values(range, from));
        return ([.. rows.Take(PageSize)], rows.Count > PageSize);
    }

    /// <summary>Every row, read as it is sent.</summary>
    public async IAsyncEnumerable<DropOffRow> All(InsightRange range, DropOff step, string? from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(Select(step, from), connection) { CommandTimeout = 0 };
        foreach (var value in Values(range, from))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return Row(reader);
        }
    }

    private static object[] Values(InsightRange range, string? from) =>
        from is null or WaitlistFilter.Direct ? [range.From, range.To, range.Zone] : [range.From, range.To, range.Zone, from];

    private static string Select(DropOff step, string? from)
    {
        // Few of all were invited or registered: those are found by the partial index of that moment, the others by the day they joined.
        var (stopped, order) = step switch
        {
            DropOff.Confirmed => ("e.confirmed_at IS NULL", "e.joined_at DESC, e.id DESC"),
            DropOff.Invited => ("e.confirmed_at IS NOT NULL AND e.invited_at IS NULL", "e.joined_at DESC, e.id DESC"),
            DropOff.Registered => ("e.confirmed_at IS NOT NULL AND e.invited_at IS NOT NULL AND e.registered_at IS NULL", "e.invited_at DESC, e.id DESC"),
            _ => ("e.confirmed_at IS NOT NULL AND e.invited_at IS NOT NULL AND e.registered_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM members m WHERE m.entry_id = e.id AND m.credited_referrals > 0)",
                "e.registered_at DESC, e.id DESC"),
        };
        var only = from switch
        {
            null => "",
            WaitlistFilter.Direct => "AND e.source_id IS NULL",
            _ => "AND e.source_id = (SELECT id FROM sources WHERE name = $4)",
        };
        return $"""
            SELECT e.public_id, e.name, e.email, coalesce(e.hold, e.status), s.name, e.joined_at, e.invited_at, e.registered_at
            FROM waitlist_entries e LEFT JOIN sources s ON s.id = e.source_id
            WHERE e.joined_at >= $1::date::timestamp AT TIME ZONE $3 AND e.joined_at < ($2::date + 1)::timestamp AT TIME ZONE $3 AND {stopped} {only}
            ORDER BY {order}
            """;
    }

    private static DropOffRow Row(System.Data.Common.DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.Text(4), row.GetFieldValue<DateTimeOffset>(5), row.Time(6), row.Time(7));
}
