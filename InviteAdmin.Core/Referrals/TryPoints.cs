using System.Data;
using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>
/// What would follow if everybody were counted again by other points. Writes nothing. The ledger is summed once, and the list is put in its new order only as far as
/// <see cref="Seen"/>; the order as it is comes from its index.
/// </summary>
public sealed class TryPoints(NpgsqlDataSource source, PointRules rules, ForecastQueries forecasts)
{
    /// <summary>People of the next batch that are shown.</summary>
    public const int Next = 100;

    /// <summary>Up to this rank places are told; who stands behind it is further back.</summary>
    public const int Seen = 10_000;

    private static readonly long[] Ends = [100, 1_000, Seen];

    public async Task<Outcome<PointsTrial>> One(Actor actor, PointsProposal proposal, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Read) is { } refused)
        {
            return refused;
        }

        if (Check(proposal) is { } invalid)
        {
            return invalid;
        }

        var course = PlanCourse.Of(await forecasts.Current(cancel));
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        // A million people's credits are summed in memory and not on the disk.
        await connection.Execute("SET LOCAL work_mem = '64MB'", cancel);
        var now = await connection.Query(TrySql.Now, Place.Read, cancel);
        var (ids, points) = (proposal.SourcePoints?.Keys.ToArray() ?? [], proposal.SourcePoints?.Values.ToArray() ?? []);
        var then = await connection.Query(TrySql.Then, Place.Read, cancel, proposal.ArrivedPoints, proposal.BroughtPoints, ids, points);
        var (rankNow, rankThen) = (Ranks(now), Ranks(then));
        var (nextNow, nextThen) = (Of(now), Of(then));
        var shown = nextNow.Concat(nextThen).Select(p => p.Id).Distinct().ToArray();
        var inForce = await rules.Now(connection, cancel);
        var facts = (await connection.Query(TrySql.Facts, CreditFacts.Read, cancel, inForce.ArrivedPoints, inForce.BroughtPoints, shown, proposal.ArrivedPoints, proposal.BroughtPoints, ids, points))
            .ToDictionary(f => f.Id);
        return new PointsTrial(People(nextNow, nextThen), People(nextThen, nextNow), Groups(rankNow, rankThen), course);

        List<TriedPerson> People(List<Place> those, List<Place> others)
        {
            var there = others.Select(p => p.Id).ToHashSet();
            return [.. those.Select(p => facts[p.Id].Person(rankNow.TryGetValue(p.Id, out var n) ? n : null, rankThen.TryGetValue(p.Id, out var t) ? t : null, !there.Contains(p.Id), inForce, proposal.Values))];
        }
    }

    private static Invalid? Check(PointsProposal proposal)
    {
        var checks = new FieldChecks();
        foreach (var (field, sentence) in ChangePointRules.Check(proposal.Values)?.Fields ?? new Dictionary<string, string>())
        {
            checks.Refuse(field, sentence);
        }

        if (proposal.SourcePoints?.Values.Any(p => p is < 0 or > ChangePointRules.Most) == true)
        {
            checks.Refuse("sourcePoints", string.Create(CultureInfo.InvariantCulture, $"The points of a source must be between 0 and {ChangePointRules.Most:N0}."));
        }

        return checks.Failure;
    }

    // Releases pass over who is on hold; ranks count them.
    private static List<Place> Of(List<Place> places) => [.. places.Where(p => !p.OnHold).Take(Next)];

    private static Dictionary<long, long> Ranks(List<Place> places) => places.Index().ToDictionary(p => p.Item.Id, p => p.Index + 1L);

    // Whoever is on neither list is further back in both.
    private static List<RankGroup> Groups(Dictionary<long, long> now, Dictionary<long, long> then)
    {
        var entering = new long[Ends.Length + 1];
        foreach (var id in now.Keys.Union(then.Keys))
        {
            var (before, after) = (Group(now, id), Group(then, id));
            if (before != after)
            {
                entering[after]++;
            }
        }

        return [.. entering.Select((n, i) => new RankGroup(i == 0 ? 1 : Ends[i - 1] + 1, i == Ends.Length ? null : Ends[i], n))];
    }

    private static int Group(Dictionary<long, long> ranks, long id) => ranks.TryGetValue(id, out var rank) ? Array.FindIndex(Ends, end => rank <= end) : Ends.Length;

    /// <summary>Somebody's place in an order.</summary>
    private sealed record Place(long Id, bool OnHold)
    {
        public static Place Read(System.Data.Common.DbDataReader row) => new(row.GetInt64(0), row.GetBoolean(1));
    }
}

/// <summary>The reads behind <see cref="TryPoints"/>.</summary>
internal static class TrySql
{
    /// <summary>The first people of the list as it is.</summary>
    public static readonly string Now = string.Create(CultureInfo.InvariantCulture,
        $"SELECT id, hold IS NOT NULL FROM waitlist_entries WHERE status = 'waiting' ORDER BY points DESC, position LIMIT {TryPoints.Seen}");

    /// <summary>The first people of the list as it would be: $1 arrived, $2 brought, $3 and $4 sources.</summary>
    public static readonly string Then = string.Create(CultureInfo.InvariantCulture,
        $"""
        SELECT e.id, e.hold IS NOT NULL FROM waitlist_entries e
        LEFT JOIN ({CreditSql.Changes("$1::integer", "$2::integer", "$3::bigint[], $4::integer[]", "true")}) c ON c.entry_id = e.id
        WHERE e.status = 'waiting' ORDER BY e.points + coalesce(c.change, 0) DESC, e.position LIMIT {TryPoints.Seen}
        """);

    /// <summary>Of the people $3: what they have, what it is worth by the rules in force ($1, $2) and by those that are tried ($4 to $7).</summary>
    public static readonly string Facts =
        $"""
        SELECT e.id, e.public_id, e.name, e.points, coalesce(n.change, 0)::bigint, coalesce(t.change, 0)::bigint, k.arrived, k.brought, x.name, coalesce(s.points, 0), coalesce(o.points, 0)
        FROM waitlist_entries e
        LEFT JOIN ({CreditSql.Changes("$1::integer", "$2::integer", null, "l.entry_id = ANY($3)")}) n ON n.entry_id = e.id
        LEFT JOIN ({CreditSql.Changes("$4::integer", "$5::integer", "$6::bigint[], $7::integer[]", "l.entry_id = ANY($3)")}) t ON t.entry_id = e.id
        CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE l.kind = 'arrived') AS arrived, count(*) FILTER (WHERE l.kind = 'brought') AS brought, min(l.cause) FILTER (WHERE l.kind = 'source') AS source
          FROM points_ledger l WHERE l.entry_id = e.id AND l.kind IN ('arrived', 'brought', 'source') AND NOT EXISTS (SELECT 1 FROM points_ledger v WHERE v.reverses_id = l.id)
        ) k
        LEFT JOIN sources x ON 'source:' || x.id = k.source
        LEFT JOIN ({CreditSql.Sources(null)}) s ON s.cause = k.source LEFT JOIN ({CreditSql.Sources("$6::bigint[], $7::integer[]")}) o ON o.cause = k.source
        WHERE e.id = ANY($3)
        """;
}

/// <summary>What somebody's points are made of, by the rules in force and by others.</summary>
internal sealed record CreditFacts(long Id, string EntryId, string Name, int Points, long ByRules, long ByTried, long Arrived, long Brought, string? Source, int SourceNow, int SourceThen)
{
    public static CreditFacts Read(System.Data.Common.DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.Text(8), row.GetInt32(9), row.GetInt32(10));

    public TriedPerson Person(long? rankNow, long? rankThen, bool changes, PointValues now, PointValues then) => new(
        EntryId, Name, rankNow, rankThen, Points, (int)(Points + ByTried), changes, $"{Credits(now, then)}; {Move(rankNow, rankThen)}");

    private string Credits(PointValues now, PointValues then)
    {
        var parts = new List<string>(4);
        if (Brought > 0 && now.BroughtPoints != then.BroughtPoints)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"brought {Brought:N0} {(Brought == 1 ? "person" : "people")}: {Brought:N0} × {now.BroughtPoints:N0} → {Brought:N0} × {then.BroughtPoints:N0} points"));
        }

        if (Arrived > 0 && now.ArrivedPoints != then.ArrivedPoints)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"came through a friend's link: {now.ArrivedPoints:N0} → {then.ArrivedPoints:N0} points"));
        }

        if (Source is not null && SourceNow != SourceThen)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"came from {Source}: {SourceNow:N0} → {SourceThen:N0} points"));
        }

        // Somebody who was credited by earlier rules and not counted again since.
        if (ByRules != 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"credited by earlier rules: {(ByRules > 0 ? "+" : "−")}{Math.Abs(ByRules):N0} points when counted again"));
        }

        return parts.Count == 0 ? string.Create(CultureInfo.InvariantCulture, $"stays at {Points:N0} {(Points == 1 ? "point" : "points")}") : string.Join(", ", parts);
    }

    private static string Move(long? now, long? then) => now == then ? $"rank {Rank(now)} as before" : $"rank {Rank(now)} → {Rank(then)}";

    private static string Rank(long? rank) => rank?.ToString("N0", CultureInfo.InvariantCulture) ?? string.Create(CultureInfo.InvariantCulture, $"past {TryPoints.Seen:N0}");
}
