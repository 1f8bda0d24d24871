using System.Data.Common;
using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.People;
using InviteAdmin.Redis;
using InviteAdmin.Rollout;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>Reads of the waitlist's table: pages, its whole as a stream, and one person of it.</summary>
public sealed class WaitlistQueries(NpgsqlDataSource source, RankBoard ranks, Links links, RecentCounts counts)
{
    public const int PageSize = 50;

    /// <summary>Nobody pages past this; a filter finds what is further down, and an offset beyond it would read for seconds.</summary>
    public const int LastPage = 2_000;

    private const string Columns =
        """
        SELECT e.public_id, e.email, e.name, e.status, e.hold, e.position, e.points, s.name, r.name, r.public_id,
          (SELECT count(*) FROM points_ledger l WHERE l.entry_id = e.id AND l.kind = 'brought'), e.joined_at, e.invited_at, e.registered_at, r.email
        """;

    private const string Joins = "LEFT JOIN sources s ON s.id = e.source_id LEFT JOIN waitlist_entries r ON r.id = e.referred_by_id";

    /// <summary>Page 1 is the first.</summary>
    public async Task<WaitlistRows> Page(WaitlistFilter filter, WaitlistSort sort, int page, CancellationToken cancel)
    {
        var (where, values) = Where(filter, sort);
        var offset = (Math.Clamp(page, 1, LastPage) - 1) * PageSize;
        var (total, more) = (0L, false);
        if (filter.Search is null)
        {
            total = await counts.Of(filter, () => Count(where, values, cancel));
        }
        else
        {
            // Few matches are found by one pass over the table; in the order of an index, looking for them would touch every page of it.
            var hits = await Hits(where, values, cancel);
            more = hits.Count > WaitlistRows.MostCounted;
            total = more ? WaitlistRows.MostCounted : hits.Count;
            (where, values) = more ? (where, values) : ("e.id = ANY($1)", [hits.ToArray()]);
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        // The page is cut before the joins, and its numbers stand as literals for the planner's sake.
        var rows = await connection.Query(
            string.Create(CultureInfo.InvariantCulture, $"""
                WITH page AS MATERIALIZED (SELECT e.* FROM waitlist_entries e WHERE {where} ORDER BY {Order(sort)} OFFSET {offset} LIMIT {PageSize})
                {Columns} FROM page e {Joins} ORDER BY {Order(sort)}
                """),
            Read, cancel, values);
        var queueItself = filter == new WaitlistFilter(EntryStatus.Waiting) && sort == WaitlistSort.Rank;
        for (var i = 0; i < rows.Count; i++)
        {
            rows[i] = rows[i] with { Rank = queueItself ? offset + i + 1 : await Rank(rows[i], cancel) };
        }

        return new WaitlistRows(rows, total, more);
    }

    /// <summary>Every row of a filter in the order of the table, read as it is sent; ranks are left out.</summary>
    public async IAsyncEnumerable<WaitlistRow> All(WaitlistFilter filter, WaitlistSort sort, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var (where, values) = Where(filter, sort);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand($"{Columns} FROM waitlist_entries e {Joins} WHERE {where} ORDER BY {Order(sort)}", connection) { CommandTimeout = 0 };
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return Read(reader);
        }
    }

    public async Task<WaitlistPerson?> Person(string entryId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var found = await connection.Query(
            $"""
            {Columns}, e.referral_token, e.hold_reason, e.decline_reason, c.number, i.shown, i.expires_at, {RankReason.StaffPoints}, {RankReason.RulesPoints}
            FROM waitlist_entries e {Joins} LEFT JOIN cohorts c ON c.id = e.cohort_id
            LEFT JOIN invite_codes i ON i.entry_id = e.id AND i.kind = 'waitlist' AND i.status = 'active' AND i.used_count = 0 AND i.lapsed_at IS NULL
            WHERE e.public_id = $1 LIMIT 1
            """,
            row => (Row: Read(row), Token: row.GetString(15), Hold: row.Text(16), Decline: row.Text(17), Cohort: row.IsDBNull(18) ? (int?)null : row.GetInt32(18),
                Code: row.IsDBNull(19) ? null : new GivenCode(row.GetString(19), row.Time(20)), Staff: row.GetInt64(21), Rules: row.GetInt64(22)),
            cancel, entryId);
        if (found.Count == 0)
        {
            return null;
        }

        var (entry, token, hold, decline, cohort, code, staff, rules) = found[0];
        entry = entry with { Rank = await Rank(entry, cancel) };
        return new WaitlistPerson(entry, RankReason.Sentence(entry.Points, entry.Brought, entry.ReferredById is not null, entry.Source, staff, rules), links.Join(token), hold, decline, cohort, code);
    }

    /// <summary>The names to filter by.</summary>
    public async Task<IReadOnlyList<string>> Sources(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query("SELECT name FROM sources ORDER BY name", row => row.GetString(0), cancel);
    }

    private async Task<long> Count(string where, object[] values, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<long>($"SELECT count(*) FROM waitlist_entries e WHERE {where}", cancel, values);
    }

    private async Task<List<long>> Hits(string where, object[] values, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            string.Create(CultureInfo.InvariantCulture, $"SELECT e.id FROM waitlist_entries e WHERE {where} LIMIT {WaitlistRows.MostCounted + 1}"), row => row.GetInt64(0), cancel, values);
    }

    private async ValueTask<long?> Rank(WaitlistRow row, CancellationToken cancel) =>
        row.Status == EntryStatus.Waiting ? (await ranks.Of(row.Status, row.Points, row.Position, cancel)).Rank : null;

    private static (string Where, object[] Values) Where(WaitlistFilter filter, WaitlistSort sort)
    {
        var (tests, values) = (new List<string>(), new List<object>());
        if (filter.Status is { } status)
        {
            // A literal, so that the planner sees the partial index; the text is an enum's name.
            tests.Add($"e.status = '{status.ToString().ToLowerInvariant()}'");
        }
        else if (sort == WaitlistSort.Rank)
        {
            tests.Add("e.status = 'waiting'");
        }

        if (filter.Source == WaitlistFilter.Direct)
        {
            tests.Add("e.source_id IS NULL");
        }
        else if (filter.Source is not null)
        {
            values.Add(filter.Source);
            tests.Add($"e.source_id = (SELECT id FROM sources WHERE name = ${values.Count})");
        }

        if (filter.Held)
        {
            tests.Add("e.hold IS NOT NULL");
        }

        if (filter.Search?.Trim() is { Length: > 0 } search)
        {
            var whole = EmailAddress.TryParse(search, out var email, out _);
            values.Add(whole ? email.Canonical : $"%{LikeText.Escape(search.ToLowerInvariant())}%");
            tests.Add(whole ? $"e.canonical_email = ${values.Count}" : $"(e.email LIKE ${values.Count} OR lower(e.name) LIKE ${values.Count})");
        }

        tests.Add(sort switch { WaitlistSort.Invited => "e.invited_at IS NOT NULL", WaitlistSort.Registered => "e.registered_at IS NOT NULL", _ => "true" });
        return (string.Join(" AND ", tests), [.. values]);
    }

    private static string Order(WaitlistSort sort) => sort switch
    {
        WaitlistSort.Newest => "e.joined_at DESC, e.id DESC",
        WaitlistSort.Oldest => "e.joined_at, e.id",
        WaitlistSort.Invited => "e.invited_at DESC, e.id DESC",
        WaitlistSort.Registered => "e.registered_at DESC, e.id DESC",
        _ => "e.points DESC, e.position",
    };

    private static WaitlistRow Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), Enum.Parse<EntryStatus>(row.GetString(3), true), row.Text(4), null, row.GetInt64(5), row.GetInt32(6),
        row.Text(7), row.Text(8), row.Text(9), row.GetInt64(10), row.GetFieldValue<DateTimeOffset>(11), row.Time(12), row.Time(13), row.Text(14));
}
