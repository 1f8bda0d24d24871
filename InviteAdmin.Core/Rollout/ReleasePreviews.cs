using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>The facts of a preview, read from the same queue in the same order as the release itself.</summary>
internal static class ReleasePreviews
{
    public static async Task<ReleasePreview> Make(NpgsqlConnection connection, ReleaseRequest request, CancellationToken cancel)
    {
        var plan = await PlanLock.Look(connection, cancel);
        var free = await PlanLock.FreeSeats(connection, plan, cancel);
        var most = Math.Max(0, Math.Min(request.EntryIds?.Count ?? request.Count, free ?? int.MaxValue));
        var number = await connection.Scalar<int>("SELECT coalesce(max(number), 0) + 1 FROM cohorts", cancel);
        var waiting = await connection.Scalar<long>("SELECT count(*) FROM waitlist_entries WHERE status = 'waiting'", cancel);
        var people = await connection.Query(Seen(most, request.EntryIds is not null), Read, cancel, request.EntryIds is null ? [] : [request.EntryIds.ToArray()]);
        var invited = people.Where(p => p.Hold is null).Select(p => p.Person).Take(most).ToList();
        var skipped = people.Where(p => p.Hold is not null).Select(p => new SkippedPerson(p.Person.EntryId, p.Person.Email, p.Hold!)).ToList();
        if (request.EntryIds is { } ids)
        {
            var seen = people.Select(p => p.Person.EntryId).ToHashSet(StringComparer.Ordinal);
            skipped.AddRange(await connection.Query(
                "SELECT public_id, email, status FROM waitlist_entries WHERE public_id = ANY($1)",
                row => new SkippedPerson(row.GetString(0), row.GetString(1), $"Is {row.GetString(2)}, not waiting."), cancel, [ids.Where(i => !seen.Contains(i)).ToArray()]));
        }

        var queue = await connection.Query(
            "SELECT coalesce(s.name, 'Direct'), count(*) FROM waitlist_entries e LEFT JOIN sources s ON s.id = e.source_id WHERE e.status = 'waiting' GROUP BY 1 ORDER BY 2 DESC, 1",
            row => (Source: row.GetString(0), Count: row.GetInt64(1)), cancel);
        var batch = invited.CountBy(p => p.Source ?? "Direct").ToDictionary(StringComparer.Ordinal);
        return new ReleasePreview(
            number, invited, skipped, free is null ? null : free - invited.Count, waiting,
            [.. queue.Select(q => new SourceShare(q.Source, batch.GetValueOrDefault(q.Source), q.Count))]);
    }

    private static (PreviewedPerson Person, string? Hold) Read(System.Data.Common.DbDataReader row)
    {
        var (brought, arrived, source, points) = (row.GetInt64(7), row.GetBoolean(8), row.Text(6), row.GetInt32(4));
        return (new PreviewedPerson(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), points, RankReason.Sentence(points, brought, arrived, source, row.GetInt64(9), row.GetInt64(10)), source), row.Text(5));
    }

    // Held people are listed as far as the batch reaches; the number stands as a literal for the planner's sake.
    private static string Seen(int most, bool byId) => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"""
        WITH ranked AS (
          SELECT id, hold, points, position, row_number() OVER (ORDER BY points DESC, position) AS rank FROM waitlist_entries WHERE status = 'waiting'
        ), taken AS MATERIALIZED (
          SELECT id, rank FROM ranked {(byId ? "WHERE id IN (SELECT id FROM waitlist_entries WHERE public_id = ANY($1))" : $"WHERE hold IS NULL ORDER BY points DESC, position LIMIT {most}")}
        ), passed AS MATERIALIZED (
          SELECT e.id, 0::bigint AS rank FROM waitlist_entries e
          WHERE {(byId ? "false" : "e.hold IS NOT NULL AND e.status = 'waiting'")} AND (e.points, -e.position) >= (
            SELECT t.points, -t.position FROM waitlist_entries t JOIN taken k ON k.id = t.id ORDER BY t.points, t.position DESC LIMIT 1)
          LIMIT 1000
        )
        SELECT p.rank, e.public_id, e.email, e.name, e.points,
          CASE e.hold WHEN 'excluded' THEN 'Excluded' WHEN 'suppressed' THEN 'Gets no mail' WHEN 'review' THEN 'Held for review' END || coalesce(': ' || e.hold_reason, ''),
          s.name, (SELECT count(*) FROM points_ledger l WHERE l.entry_id = e.id AND l.kind = 'brought'), e.referred_by_id IS NOT NULL, {RankReason.StaffPoints}, {RankReason.RulesPoints}
        FROM (SELECT * FROM taken UNION ALL SELECT * FROM passed) p JOIN waitlist_entries e ON e.id = p.id LEFT JOIN sources s ON s.id = e.source_id
        ORDER BY p.rank
        """);
}
