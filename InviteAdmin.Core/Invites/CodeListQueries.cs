using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using InviteAdmin.Data;
using InviteAdmin.People;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>Reads of the table of codes: pages, and its whole as a stream. Every filter follows an index, and counts are bounded.</summary>
public sealed class CodeListQueries(NpgsqlDataSource source, RecentCounts counts)
{
    public const int PageSize = 50;
    public const int LastPage = CodeRows.MostCounted / PageSize;
    private const int MostCampaigns = 200;

    /// <summary>How a code's state is computed, the strongest word first.</summary>
    internal const string State =
        """
        CASE WHEN k.lapsed_at IS NOT NULL AND k.used_count = 0 THEN 'lapsed' WHEN k.status = 'revoked' THEN 'revoked' WHEN k.used_count >= k.max_uses THEN 'exhausted'
          WHEN k.expires_at <= now() THEN 'expired' ELSE 'active' END
        """;

    private const string Columns = "id, shown, kind, tier, used_count, max_uses, created_at, expires_at, status, lapsed_at, campaign_id, owner_member_id, entry_id, cohort_id, person_name";

    private const string Shown =
        $"""
        SELECT k.shown, k.kind, {State}, k.tier, k.used_count, k.max_uses, k.created_at, k.expires_at, p.name, p.slug, coalesce(e.public_id, m.public_id), coalesce(e.name, m.name, k.person_name), c.number
        """;

    private const string Joins =
        """
        LEFT JOIN campaigns p ON p.id = k.campaign_id LEFT JOIN waitlist_entries e ON e.id = k.entry_id LEFT JOIN members m ON m.id = k.owner_member_id LEFT JOIN cohorts c ON c.id = k.cohort_id
        """;

    /// <summary>Page 1 is the first.</summary>
    public async Task<CodeRows> Page(CodeFilter filter, CodeSort sort, int page, CancellationToken cancel)
    {
        sort = filter.Allowed(sort);
        var offset = (Math.Clamp(page, 1, LastPage) - 1) * PageSize;
        var (rows, values) = Rows(filter, sort, offset + PageSize);
        await using var connection = await source.OpenConnectionAsync(cancel);
        long total;
        if (filter.Search is null)
        {
            total = await counts.Of((filter, sort == CodeSort.Ending), () => Count(filter, sort == CodeSort.Ending ? sort : CodeSort.Newest, cancel));
        }
        else
        {
            // Few codes are found at once by what was searched for; in the order of an index, looking for them would touch every page of it.
            var hits = await connection.Query(Text($"SELECT id FROM ({rows}) k LIMIT {CodeRows.MostCounted + 1}"), row => row.GetInt64(0), cancel, values);
            (total, rows, values) = (hits.Count, $"SELECT {Columns} FROM invite_codes WHERE id = ANY($1)", [hits.ToArray()]);
        }

        // The page is cut before the joins, and its numbers stand as literals for the planner's sake.
        var found = await connection.Query(
            Text($"WITH page AS MATERIALIZED (SELECT * FROM ({rows}) k ORDER BY {Order(filter, sort)} OFFSET {offset} LIMIT {PageSize}) {Shown} FROM page k {Joins} ORDER BY {Order(filter, sort)}"),
            Read, cancel, values);
        return new CodeRows(found, Math.Min(total, CodeRows.MostCounted), total > CodeRows.MostCounted);
    }

    /// <summary>Every code of a filter in the order of the table, read as it is sent.</summary>
    public async IAsyncEnumerable<CodeRow> All(CodeFilter filter, CodeSort sort, [EnumeratorCancellation] CancellationToken cancel)
    {
        sort = filter.Allowed(sort);
        var (rows, values) = Rows(filter, sort);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand($"{Shown} FROM ({rows}) k {Joins} ORDER BY {Order(filter, sort)}", connection) { CommandTimeout = 0 };
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

    /// <summary>The campaigns to filter by, newest first.</summary>
    public async Task<IReadOnlyList<CampaignName>> Campaigns(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(Text($"SELECT slug, name FROM campaigns ORDER BY id DESC LIMIT {MostCampaigns}"), row => new CampaignName(row.GetString(0), row.GetString(1)), cancel);
    }

    /// <summary>How often somebody tried a code that nobody knows, in the last 24 hours.</summary>
    public async Task<long> UnknownTries(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<long>("SELECT coalesce(sum(attempts), 0)::bigint FROM code_attempts WHERE code_id IS NULL AND hour > now() - interval '24 hours'", cancel);
    }

    // In the order of the page: what is shown first is found first, and what lies before it in the table need not be read.
    private async Task<long> Count(CodeFilter filter, CodeSort sort, CancellationToken cancel)
    {
        var (rows, values) = Rows(filter, sort, CodeRows.MostCounted + 1);
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<long>(Text($"SELECT count(*) FROM (SELECT 1 FROM ({rows}) k ORDER BY {Order(filter, sort)} LIMIT {CodeRows.MostCounted + 1}) x"), cancel, values);
    }

    // What stands as a literal is an enum's name, so that the planner sees the partial indexes; what a person typed is a parameter.
    private static (string Rows, object[] Values) Rows(CodeFilter filter, CodeSort sort, int? reach = null)
    {
        var (tests, values) = (new List<string>(), new List<object>());
        var state = filter.State ?? (sort == CodeSort.Ending ? CodeState.Active : null);
        if (state is { } wanted)
        {
            tests.Add(Test(wanted, sort));
        }

        if (filter.Campaign is not null)
        {
            values.Add(filter.Campaign);
            tests.Add($"campaign_id = (SELECT id FROM campaigns WHERE slug = ${values.Count})");
        }

        if (filter.Search?.Trim() is { Length: > 0 } search)
        {
            tests.Add($"id IN ({Hits(search, values)})");
        }

        // The indexes of states begin with the kind: without one, each kind's part is read in its order as far as it may be needed, and the four are merged.
        var kinds = filter.Kind is { } kind ? [kind]
            : filter.Campaign is null && filter.Search is null && (state is CodeState.Exhausted or CodeState.Revoked or CodeState.Expired || sort == CodeSort.Ending) ? Enum.GetValues<CodeKind>()
            : Array.Empty<CodeKind>();
        return (kinds.Length == 0 ? Branch(tests) : string.Join(" UNION ALL ", kinds.Select(k => Branch([.. tests, .. KindTests(k)], kinds.Length > 1 && reach is not null ? Text($" ORDER BY {Order(filter, sort)} LIMIT {reach}") : ""))), [.. values]);
    }

    private static string Branch(IReadOnlyCollection<string> tests, string end = "") => $"(SELECT {Columns} FROM invite_codes k{(tests.Count == 0 ? "" : $" WHERE {string.Join(" AND ", tests)}")}{end})";

    // An invitation has a cohort and nothing else has: few among many personal codes are found by the index of cohorts.
    private static IEnumerable<string> KindTests(CodeKind kind) => kind == CodeKind.Waitlist ? ["kind = 'waitlist'", "cohort_id IS NOT NULL"] : [$"kind = '{kind.ToString().ToLowerInvariant()}'"];

    private static string Test(CodeState state, CodeSort sort) => state switch
    {
        CodeState.Active when sort == CodeSort.Ending => "status = 'active' AND used_count < max_uses AND lapsed_at IS NULL AND expires_at IS NOT NULL AND expires_at > now()",
        CodeState.Active => "status = 'active' AND used_count < max_uses AND lapsed_at IS NULL AND (expires_at IS NULL OR expires_at > now())",
        CodeState.Exhausted => "status = 'active' AND used_count >= max_uses",
        CodeState.Expired => "status = 'active' AND used_count < max_uses AND lapsed_at IS NULL AND expires_at IS NOT NULL AND expires_at <= now()",
        CodeState.Lapsed => "lapsed_at IS NOT NULL AND used_count = 0",
        _ => "status = 'revoked' AND (lapsed_at IS NULL OR used_count > 0)",
    };

    private static string Hits(string search, List<object> values)
    {
        if (EmailAddress.TryParse(search, out var email, out _))
        {
            values.Add(email.Canonical);
            values.Add(email.Address);
            return $"""
                SELECT id FROM invite_codes WHERE owner_member_id = (SELECT id FROM members WHERE canonical_email = ${values.Count - 1})
                UNION SELECT id FROM invite_codes WHERE entry_id = (SELECT id FROM waitlist_entries WHERE canonical_email = ${values.Count - 1})
                UNION SELECT id FROM invite_codes WHERE person_email = ${values.Count}
                """;
        }

        values.Add($"%{LikeText.Escape(search.ToLowerInvariant())}%");
        var names = $"SELECT id FROM invite_codes WHERE kind = 'vip' AND lower(person_name) LIKE ${values.Count}";
        if (CodeText.Canonical(search) is not { Length: > 0 } start)
        {
            return names;
        }

        // Between the beginning and the beginning with the last symbol behind it, because LIKE cannot use an index in every collation.
        values.Add(start);
        values.Add(start.PadRight(CodeText.MostCharacters + 1, 'Z'));
        return $"SELECT id FROM invite_codes WHERE code >= ${values.Count - 1} AND code <= ${values.Count} AND starts_with(code, ${values.Count - 1}) UNION {names}";
    }

    private static string Order(CodeFilter filter, CodeSort sort) => sort switch
    {
        CodeSort.Ending when filter.State == CodeState.Expired => "k.expires_at DESC, k.id DESC",
        CodeSort.Ending => "k.expires_at, k.id",
        CodeSort.Oldest => FollowsCohorts(filter) ? "k.cohort_id, k.id" : Id(filter),
        _ => FollowsCohorts(filter) ? "k.cohort_id DESC, k.id DESC" : $"{Id(filter)} DESC",
    };

    // Written as its index has it and the primary key has not: the planner would walk all codes for the few it is asked for.
    private static string Id(CodeFilter filter) =>
        filter is { Campaign: null, Search: null } and ({ State: CodeState.Exhausted or CodeState.Revoked } or { Kind: CodeKind.Campaign or CodeKind.Vip, State: null or CodeState.Active }) ? "(k.id + 0)" : "k.id";

    // Invitations are made cohort by cohort: that is the order of their ids too, and one whose index leaves out everything else.
    private static bool FollowsCohorts(CodeFilter filter) => filter is { Kind: CodeKind.Waitlist, State: null or CodeState.Active, Campaign: null, Search: null };

    private static string Text(FormattableString sql) => sql.ToString(CultureInfo.InvariantCulture);

    private static CodeRow Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.Text(3), row.GetInt32(4), row.GetInt32(5), row.GetFieldValue<DateTimeOffset>(6), row.Time(7),
        row.Text(8), row.Text(9), row.Text(10), row.Text(11), row.IsDBNull(12) ? null : row.GetInt32(12));
}
