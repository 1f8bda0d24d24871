using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using InviteAdmin.Data;
using InviteAdmin.People;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>Reads of the leaderboard's page: who stands where, and who reached which milestone.</summary>
public sealed class LeaderQueries(NpgsqlDataSource source)
{
    public const int PageSize = 50;
    public const int LastPage = LeaderRows.MostCounted / PageSize;

    // A reward is used when somebody has signed up with one of its codes.
    private const string Columns =
        """
        SELECT m.public_id, m.name, m.email, m.tier, m.credited_referrals, coalesce(c.held, 0), coalesce(c.downstream, 0), coalesce(c.depth, 0), coalesce(c.given, 0), coalesce(c.used, 0),
          g.granted_at, EXISTS (SELECT 1 FROM reward_codes k JOIN invite_codes i ON i.id = k.code_id WHERE k.grant_id = g.id AND i.used_count > 0)
        """;

    /// <summary>Page 1 is the first. Only members who brought somebody are listed, or in the order of held ones those with a held referral.</summary>
    public async Task<LeaderRows> Page(LeaderFilter filter, LeaderSort sort, int page, CancellationToken cancel)
    {
        var (where, values) = Where(filter, sort);
        await using var connection = await source.OpenConnectionAsync(cancel);
        // The page is cut before anything is joined to it.
        var offset = (Math.Clamp(page, 1, LastPage) - 1) * PageSize;
        var rows = await connection.Query(
            string.Create(CultureInfo.InvariantCulture, $"""
                WITH page AS MATERIALIZED (SELECT {(sort == LeaderSort.Credited ? "m.id" : "c.member_id AS id")} FROM {From(filter, sort)} WHERE {where} ORDER BY {Order(sort)} OFFSET {offset} LIMIT {PageSize})
                {Columns} FROM page p JOIN members m ON m.id = p.id LEFT JOIN referrer_counts c ON c.member_id = m.id {RewardFacts.Join} ORDER BY {Order(sort)}
                """),
            Row, cancel, values);
        var total = offset == 0 && rows.Count < PageSize ? rows.Count : await connection.Scalar<long>(
            string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) FROM (SELECT 1 FROM {From(filter, sort)} WHERE {where} LIMIT {LeaderRows.MostCounted + 1}) x"), cancel, values);
        var counted = (await connection.Query("SELECT counted_at FROM insight_state", row => row.Time(0), cancel)).FirstOrDefault();
        return new(rows, Math.Min(total, LeaderRows.MostCounted), total > LeaderRows.MostCounted, counted);
    }

    /// <summary>Every row in the order of the table, read as it is sent.</summary>
    public async IAsyncEnumerable<LeaderRow> All(LeaderFilter filter, LeaderSort sort, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (where, values) = Where(filter, sort);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(
            $"{Columns} FROM members m LEFT JOIN referrer_counts c ON c.member_id = m.id {RewardFacts.Join} WHERE {where} ORDER BY {Order(sort)}", connection) { CommandTimeout = 0 };
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return Row(reader);
        }
    }

    /// <summary>The tiers a member can have.</summary>
    public async Task<IReadOnlyList<string>> Tiers(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            """
            SELECT tier FROM (VALUES ('standard'), ('vip')) t(tier) UNION SELECT tier FROM campaigns WHERE tier IS NOT NULL UNION SELECT tier FROM milestones WHERE tier IS NOT NULL ORDER BY 1
            """,
            row => row.GetString(0), cancel);
    }

    /// <summary>Who reached a milestone, the latest first; page 1 is the first, and whether another follows.</summary>
    public async Task<(IReadOnlyList<ReachedRow> Rows, bool More)> Reached(int threshold, int page, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var offset = (Math.Clamp(page, 1, LastPage) - 1) * PageSize;
        var rows = await connection.Query(
            string.Create(CultureInfo.InvariantCulture, $"""
                SELECT m.public_id, m.name, m.email, m.tier, m.credited_referrals, g.granted_at
                FROM (SELECT * FROM reward_grants WHERE threshold = $1 ORDER BY id DESC OFFSET {offset} LIMIT {PageSize + 1}) g JOIN members m ON m.id = g.member_id ORDER BY g.id DESC
                """),
            row => new ReachedRow(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetFieldValue<DateTimeOffset>(5)), cancel, threshold);
        return ([.. rows.Take(PageSize)], rows.Count > PageSize);
    }

    // Counting thousands of members is slow when each is looked up for nothing.
    private static string From(LeaderFilter filter, LeaderSort sort) =>
        sort == LeaderSort.Credited ? "members m" : filter == new LeaderFilter() ? "referrer_counts c" : "referrer_counts c JOIN members m ON m.id = c.member_id";

    private static (string Where, object[] Values) Where(LeaderFilter filter, LeaderSort sort)
    {
        var tests = new List<string> { sort switch { LeaderSort.Held => "c.held > 0", LeaderSort.Downstream => "c.downstream > 0", _ => "m.credited_referrals > 0" } };
        var values = new List<object>();
        if (filter.Tier is not null)
        {
            values.Add(filter.Tier);
            tests.Add($"m.tier = ${values.Count}");
        }

        if (filter.Search?.Trim() is { Length: > 0 } search)
        {
            if (!PlainText.IsClean(search))
            {
                return ("false", []);
            }

            var whole = EmailAddress.TryParse(search, out var email, out _);
            values.Add(whole ? email.Canonical : $"%{LikeText.Escape(search.ToLowerInvariant())}%");
            tests.Add(whole ? $"m.canonical_email = ${values.Count}" : $"(m.email LIKE ${values.Count} OR lower(m.name) LIKE ${values.Count})");
        }

        if (filter.Rewarded is { } rewarded)
        {
            tests.Add($"{(rewarded ? "" : "NOT ")}EXISTS (SELECT 1 FROM reward_grants w WHERE w.member_id = m.id AND w.by_staff AND w.undone_at IS NULL)");
        }

        return (string.Join(" AND ", tests), [.. values]);
    }

    private static string Order(LeaderSort sort) => sort switch
    {
        LeaderSort.Downstream => "c.downstream DESC, c.member_id",
        LeaderSort.Held => "c.held DESC, c.member_id",
        _ => "m.credited_referrals DESC, m.id",
    };

    private static LeaderRow Row(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetInt32(5), row.GetInt32(6), row.GetInt32(7), row.GetInt32(8), row.GetInt32(9),
        row.Time(10), row.GetBoolean(11));
}
