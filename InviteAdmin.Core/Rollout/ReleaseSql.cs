using System.Globalization;

namespace InviteAdmin.Rollout;

/// <summary>The set-based statements of a release.</summary>
internal static class ReleaseSql
{
    public const string AddCohort =
        """
        INSERT INTO cohorts (public_id, number, plan_id, local_date, requested, invited, free_seats, note, created_by, undo_until, state, snapshot, stage)
        VALUES ($1, $2, $3, $4::date, $5, $6, $7, $8, $9, now() + $10 * interval '1 second', 'released', $11, $12) RETURNING id
        """;

    /// <summary>Codes, entries, cohort rows and held mail for the people picked: $1 cohort, $2 entries, $3 ranks, $4 codes, $5 days.</summary>
    public const string Invite =
        """
        WITH people AS MATERIALIZED (
          SELECT * FROM unnest($2::bigint[], $3::integer[], $4::text[]) AS p(entry_id, rank, code)
        ), invited AS (
          UPDATE waitlist_entries e SET status = 'invited', invited_at = now(), cohort_id = $1 FROM people p WHERE e.id = p.entry_id
          RETURNING e.id, e.email, e.name, e.status_token, e.points, e.position, p.rank, p.code
        ), coded AS (
          INSERT INTO invite_codes (code, shown, kind, cohort_id, entry_id, max_uses, expires_at)
          SELECT i.code, show_code(i.code), 'waitlist', $1, i.id, 1, c.undo_until + $5 * interval '1 day' FROM invited i, cohorts c WHERE c.id = $1
          RETURNING id, shown, entry_id
        ), listed AS (
          INSERT INTO cohort_entries (cohort_id, entry_id, rank, points, position, ledger_id)
          SELECT $1, id, rank, points, position, (SELECT max(l.id) FROM points_ledger l WHERE l.entry_id = i.id) FROM invited i
        )
        INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id, cohort_id, code_id, due_at)
        SELECT 'invitation', 'invitation:' || k.id, i.email, jsonb_build_object('name', i.name, 'code', k.shown, 'statusToken', i.status_token), i.id, $1, k.id, c.undo_until
        FROM invited i JOIN coded k ON k.entry_id = i.id, cohorts c WHERE c.id = $1
        """;

    /// <summary>
    /// Picks and locks people: in rank order past $1 (those picked before), or from the ids in $2. The number stands as a
    /// literal: as a parameter the planner takes it for a tenth of the table and sorts it. Locks are taken in id order.
    /// </summary>
    public static string Pick(int count, bool byId) => string.Create(CultureInfo.InvariantCulture,
        $"""
        WITH ranked AS (
          SELECT id, hold, points, position, row_number() OVER (ORDER BY points DESC, position) AS rank FROM waitlist_entries WHERE status = 'waiting'
        ), picked AS MATERIALIZED (
          {(byId ? $"SELECT e.id, {RankOf} AS rank FROM waitlist_entries e WHERE e.public_id = ANY($2) AND e.status = 'waiting' AND e.hold IS NULL AND e.id <> ALL($1) LIMIT {count}"
                 : $"SELECT id, rank FROM ranked WHERE hold IS NULL AND id <> ALL($1) ORDER BY points DESC, position LIMIT {count}")}
        )
        SELECT e.id, e.public_id, e.points, e.position, p.rank FROM waitlist_entries e JOIN picked p ON p.id = e.id
        WHERE e.status = 'waiting' AND e.hold IS NULL ORDER BY e.id FOR NO KEY UPDATE OF e
        """);

    private const string RankOf =
        "1 + (SELECT count(*) FROM waitlist_entries a WHERE a.status = 'waiting' AND (a.points > e.points OR a.points = e.points AND a.position < e.position))";
}
