using System.Globalization;

namespace InviteAdmin.People;

/// <summary>The statements behind the list of people. A person is a member, or an entry that has not become one; each branch follows an index of its own.</summary>
internal static class PeopleSql
{
    internal const string Columns =
        """
        SELECT coalesce(m.public_id, e.public_id), p.member, coalesce(m.name, e.name), coalesce(m.email, e.email), CASE WHEN p.member THEN 'registered' ELSE coalesce(e.hold, e.status) END,
          m.tier, e.joined_at, e.invited_at, m.registered_at,
          CASE WHEN p.member THEN m.credited_referrals ELSE (SELECT count(*) FROM points_ledger l WHERE l.entry_id = e.id AND l.kind = 'brought') END
        """;

    internal const string Joins = "LEFT JOIN members m ON p.member AND m.id = p.id LEFT JOIN waitlist_entries e ON e.id = CASE WHEN p.member THEN m.entry_id ELSE p.id END";

    /// <summary>Rows of a filter without a search; a tier, when there is one, is $1. Numbers stand as literals for the planner's sake.</summary>
    /// <param name="limit">Null for all of them.</param>
    public static string List(PeopleFilter filter, PeopleSort sort, int offset, int? limit)
    {
        int? reach = limit is null ? null : offset + limit;
        var branches = string.Join("\nUNION ALL\n", Branches(filter).Select(b => $"({b.Select} {OrderOf(b.At, b.Alias, sort)}{Limit(reach)})"));
        var order = sort == PeopleSort.Brought ? "brought DESC, id" : sort == PeopleSort.Oldest ? "at, id" : "at DESC, id DESC";
        return string.Create(CultureInfo.InvariantCulture, $"WITH p AS MATERIALIZED (SELECT * FROM (\n{branches}) x ORDER BY {order} OFFSET {offset}{Limit(limit)})\n{Columns} FROM p {Joins} ORDER BY {(sort == PeopleSort.Brought ? "p.brought DESC, p.id" : sort == PeopleSort.Oldest ? "p.at, p.id" : "p.at DESC, p.id DESC")}");
    }

    /// <summary>How many there are, as far as they are counted.</summary>
    public static string Count(PeopleFilter filter) => string.Create(CultureInfo.InvariantCulture,
        $"SELECT count(*) FROM (SELECT 1 FROM ({string.Join(" UNION ALL ", Branches(filter).Select(b => $"({b.Select}{Limit(PeopleRows.MostCounted + 1)})"))}) x{Limit(PeopleRows.MostCounted + 1)}) c");

    /// <summary>People that fit a search: $1 is what the tests compare with. A registered entry stands for its member, so that both their addresses find them.</summary>
    public static string Search(string entryFits, string memberFits, PeopleFilter filter, int most, int offset, int? limit)
    {
        var tests = new List<string>();
        if (filter.Tier is not null)
        {
            tests.Add("m.tier = $2");
        }

        tests.Add(filter.Show switch
        {
            _ when filter.Tier is not null => "p.member",
            PeopleShow.All => "true",
            PeopleShow.Registered => "p.member",
            PeopleShow.Held => "NOT p.member AND e.hold IS NOT NULL",
            var show => $"NOT p.member AND e.status = '{Status(show)}'",
        });
        return string.Create(CultureInfo.InvariantCulture,
            $"""
            WITH p AS MATERIALIZED (
              SELECT * FROM (
                (SELECT m.id IS NOT NULL AS member, coalesce(m.id, e.id) AS id FROM (SELECT id FROM waitlist_entries e WHERE {entryFits} LIMIT {most}) e LEFT JOIN members m ON m.entry_id = e.id)
                UNION
                (SELECT true, m.id FROM members m WHERE {memberFits} LIMIT {most})) x
              LIMIT {most})
            {Columns}, count(*) OVER () FROM p {Joins} WHERE {string.Join(" AND ", tests)} ORDER BY lower(coalesce(m.name, e.name)), p.id OFFSET {offset}{Limit(limit)}
            """);
    }

    private static IEnumerable<(string Select, string At, string Alias)> Branches(PeopleFilter filter)
    {
        if (filter.Tier is null && filter.Show != PeopleShow.Registered)
        {
            var at = filter.Show switch { PeopleShow.Invited => "e.invited_at", PeopleShow.Declined => "e.declined_at", _ => "e.joined_at" };
            var test = filter.Show switch
            {
                PeopleShow.All => "e.status <> 'registered'",
                PeopleShow.Held => "e.hold IS NOT NULL AND e.status <> 'registered'",
                PeopleShow.Invited => "e.status = 'invited' AND e.invited_at IS NOT NULL",
                var show => $"e.status = '{Status(show)}'",
            };
            yield return ($"SELECT false AS member, e.id, {at} AS at, 0 AS brought FROM waitlist_entries e WHERE {test}", at, "e");
        }

        if (filter.Tier is not null || filter.Show is PeopleShow.All or PeopleShow.Registered)
        {
            // What is not the common tier has a small index of its own.
            var test = filter.Tier switch { null => "true", "standard" => "m.tier = $1", _ => "m.tier = $1 AND m.tier <> 'standard'" };
            yield return ($"SELECT true AS member, m.id, m.registered_at AS at, m.credited_referrals AS brought FROM members m WHERE {test}", "m.registered_at", "m");
        }
    }

    private static string OrderOf(string at, string alias, PeopleSort sort) => sort switch
    {
        PeopleSort.Brought => $"ORDER BY m.credited_referrals DESC, {alias}.id",
        PeopleSort.Oldest => $"ORDER BY {at}, {alias}.id",
        _ => $"ORDER BY {at} DESC, {alias}.id DESC",
    };

    private static string Limit(int? limit) => limit is null ? "" : string.Create(CultureInfo.InvariantCulture, $" LIMIT {limit}");

    // The text of an enum's name, never of a request.
    private static string Status(PeopleShow show) => show.ToString().ToLowerInvariant();
}
