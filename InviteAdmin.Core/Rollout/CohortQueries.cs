using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>A cohort in the list: how far its people have come. <c>Sent</c> counts invitations that left.</summary>
public sealed record CohortRow(CohortFacts Cohort, long Sent, long Registered, long Open, long Lapsed);

/// <summary>How many of a cohort had signed up by the end of each day since the release; day 0 is the release day's first 24 hours.</summary>
public sealed record CohortDay(int Day, long Registered);

/// <summary>A cohort's people by what became of their invitation. Recalled ones wait again, lapsed ones ran out unused.</summary>
public sealed record CohortStates(long Invited, long Registered, long Lapsed, long Declined, long Recalled);

/// <summary>One person of a cohort. State: invited, registered, lapsed, waiting (taken back) or declined.</summary>
/// <param name="Why">Why they stood where they stood when the cohort was released.</param>
public sealed record CohortPerson(string EntryId, string Email, string Name, int Rank, int Points, string State, DateTimeOffset? RegisteredAt, string Mail, string Why);

/// <summary>Reads of cohorts.</summary>
public sealed class CohortQueries(NpgsqlDataSource source)
{
    private const string Counts =
        """
        LEFT JOIN LATERAL (SELECT
            count(*) FILTER (WHERE k.used_count > 0) AS registered,
            count(*) FILTER (WHERE k.status = 'active' AND k.used_count = 0 AND k.lapsed_at IS NULL) AS open,
            count(*) FILTER (WHERE k.lapsed_at IS NOT NULL AND k.used_count = 0) AS lapsed
          FROM invite_codes k WHERE k.cohort_id = c.id) n ON true
        LEFT JOIN LATERAL (SELECT count(*) AS sent FROM outbox o WHERE o.cohort_id = c.id AND o.template = 'invitation' AND o.state = 'sent') s ON true
        """;

    // Whoever was given a new code has two of the cohort's; the latest tells how they stand.
    private const string Latest = "LEFT JOIN LATERAL (SELECT * FROM invite_codes x WHERE x.entry_id = e.id AND x.cohort_id = c.id ORDER BY x.id DESC LIMIT 1) k ON true";

    /// <summary>Newest first; <paramref name="before"/> is the number the page before ended with.</summary>
    public async Task<IReadOnlyList<CohortRow>> List(int limit, int? before, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            $"SELECT {CohortFacts.Columns}, s.sent, n.registered, n.open, n.lapsed FROM (SELECT * FROM cohorts WHERE number < $2 ORDER BY number DESC LIMIT $1) c {Counts} ORDER BY number DESC",
            Read, cancel, limit, before ?? int.MaxValue);
    }

    /// <summary>By public id or by number.</summary>
    public async Task<CohortRow?> Find(string idOrNumber, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            $"SELECT {CohortFacts.Columns}, s.sent, n.registered, n.open, n.lapsed FROM cohorts c {Counts} WHERE c.public_id = $1 OR c.number = $2", Read, cancel,
            idOrNumber, int.TryParse(idOrNumber, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : -1)).FirstOrDefault();
    }

    public async Task<IReadOnlyList<CohortDay>> ByDay(string cohortId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            """
            WITH c AS (SELECT id, created_at FROM cohorts WHERE public_id = $1),
              used AS MATERIALIZED (SELECT floor(extract(epoch FROM r.redeemed_at - c.created_at) / 86400)::int AS day, count(*) AS people
                FROM c JOIN invite_codes k ON k.cohort_id = c.id JOIN redemptions r ON r.code_id = k.id GROUP BY 1)
            SELECT d, (SELECT coalesce(sum(people), 0)::bigint FROM used WHERE day <= d)
            FROM c CROSS JOIN generate_series(0, least(30, floor(extract(epoch FROM now() - c.created_at) / 86400)::int)) d ORDER BY d
            """,
            row => new CohortDay(row.GetInt32(0), row.GetInt64(1)), cancel, cohortId);
    }

    public async Task<CohortStates> States(string cohortId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var counts = (await connection.Query(
            $"""
            SELECT CASE WHEN k.used_count > 0 THEN 'registered' WHEN k.lapsed_at IS NOT NULL THEN 'lapsed' WHEN k.status = 'active' THEN 'invited'
                        WHEN e.status = 'declined' THEN 'declined' ELSE 'recalled' END, count(*)
            FROM cohorts c JOIN cohort_entries p ON p.cohort_id = c.id JOIN waitlist_entries e ON e.id = p.entry_id
            {Latest}
            WHERE c.public_id = $1 GROUP BY 1
            """,
            row => (State: row.GetString(0), Count: row.GetInt64(1)), cancel, cohortId)).ToDictionary(x => x.State, x => x.Count, StringComparer.Ordinal);
        return new CohortStates(Of("invited"), Of("registered"), Of("lapsed"), Of("declined"), Of("recalled"));

        long Of(string state) => counts.GetValueOrDefault(state);
    }

    /// <summary>In the order they were picked.</summary>
    public async Task<IReadOnlyList<CohortPerson>> People(string cohortId, int skip, int take, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            $"""
            SELECT e.public_id, e.email, e.name, p.rank, p.points,
              CASE WHEN k.used_count > 0 THEN 'registered' WHEN k.status = 'revoked' THEN CASE WHEN e.status = 'declined' THEN 'declined' ELSE 'taken back' END
                   WHEN k.lapsed_at IS NOT NULL THEN 'lapsed' ELSE 'invited' END,
              r.redeemed_at, coalesce(o.state, 'none'), w.brought, w.arrived, CASE WHEN w.sourced THEN s.name END, w.staff, w.rules
            FROM cohorts c JOIN cohort_entries p ON p.cohort_id = c.id JOIN waitlist_entries e ON e.id = p.entry_id
            {Latest}
            LEFT JOIN redemptions r ON r.code_id = k.id
            LEFT JOIN outbox o ON o.dedupe_key = 'invitation:' || k.id
            LEFT JOIN sources s ON s.id = e.source_id
            CROSS JOIN LATERAL (
              SELECT count(*) FILTER (WHERE l.kind = 'brought') AS brought, coalesce(bool_or(l.kind = 'arrived'), false) AS arrived, coalesce(bool_or(l.kind = 'source'), false) AS sourced,
                coalesce(sum(l.points) FILTER (WHERE l.kind IN ('staff', 'reversal')), 0)::bigint AS staff,
                coalesce(sum(l.points) FILTER (WHERE l.kind = 'rules'), 0)::bigint AS rules
              FROM points_ledger l WHERE l.entry_id = p.entry_id AND {CheckCohort.AtRelease}
            ) w
            WHERE c.public_id = $1 ORDER BY p.rank OFFSET $2 LIMIT $3
            """,
            row => new CohortPerson(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.GetString(5), row.Time(6), row.GetString(7),
                RankReason.Sentence(row.GetInt32(4), row.GetInt64(8), row.GetBoolean(9), row.Text(10), row.GetInt64(11), row.GetInt64(12))),
            cancel, cohortId, skip, take);
    }

    /// <summary>What a recall would take back now.</summary>
    public async Task<RecallPreview> RecallOf(string cohortId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query($"{RecallPreview.Sql} WHERE c.public_id = $1 AND c.state = 'released'", RecallPreview.Read, cancel, cohortId))[0];
    }

    /// <summary>What a recall of a stage of the plan would take back now.</summary>
    /// <param name="stage">From 1.</param>
    public async Task<RecallPreview> RecallOfStage(int stage, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query($"{RecallPreview.Sql} WHERE c.plan_id = (SELECT id FROM rollout_plans WHERE is_current) AND c.stage = $1 AND c.state = 'released'", RecallPreview.Read, cancel, stage - 1))[0];
    }

    private static CohortRow Read(System.Data.Common.DbDataReader row) =>
        new(CohortFacts.Read(row), row.GetInt64(10), row.GetInt64(11), row.GetInt64(12), row.GetInt64(13));
}
