using System.Globalization;
using InviteAdmin.Audit;

namespace InviteAdmin.People;

/// <summary>
/// The statement behind a person's timeline: one union, each part cut where the page ends, by the index of the entry ($1), the member ($2) or, for VIP codes, their addresses ($3).
/// Columns: at, kind, event, a, b, c, n, ord; what they mean is the event's own matter and is put into words by <see cref="TimelineQueries"/>.
/// </summary>
internal static class TimelineSql
{
    public static string Page(TimelineKind? only, int offset, int limit)
    {
        var reach = offset + limit;
        var parts = Parts.Where(p => only is null || p.Kind == only)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"(SELECT at, '{p.Kind}' AS kind, event, a, b, c, n, ord FROM ({p.Sql.Replace("{0}", reach.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)}) part ORDER BY at DESC, ord DESC LIMIT {reach})"));
        return string.Create(CultureInfo.InvariantCulture, $"SELECT at, kind, event, a, b, c, n FROM (\n{string.Join("\nUNION ALL\n", parts)}) events ORDER BY at DESC, kind, ord DESC OFFSET {offset} LIMIT {limit}");
    }

    private static readonly (TimelineKind Kind, string Sql)[] Parts =
    [
        (TimelineKind.List, """
            SELECT e.joined_at AS at, 'joined' AS event, s.name AS a, r.name AS b, r.public_id AS c, 0 AS n, 1::bigint AS ord
            FROM waitlist_entries e LEFT JOIN sources s ON s.id = e.source_id LEFT JOIN waitlist_entries r ON r.id = e.referred_by_id WHERE e.id = $1
            UNION ALL SELECT e.confirmed_at, 'confirmed', NULL, NULL, NULL, 0, 2 FROM waitlist_entries e WHERE e.id = $1 AND e.confirmed_at IS NOT NULL
            UNION ALL SELECT e.declined_at, 'declined', e.decline_reason, NULL, NULL, 0, 8 FROM waitlist_entries e WHERE e.id = $1 AND e.declined_at IS NOT NULL AND e.decline_reason <> 'staff'
            UNION ALL SELECT c.created_at, 'invited', c.created_by, p.points || ' ' || p.position, p.rank::text, c.number, 3 FROM cohort_entries p JOIN cohorts c ON c.id = p.cohort_id WHERE p.entry_id = $1
            UNION ALL SELECT c.recalled_at, c.state, NULL, NULL, NULL, c.number, 4 FROM cohort_entries p JOIN cohorts c ON c.id = p.cohort_id WHERE p.entry_id = $1 AND c.recalled_at IS NOT NULL
            UNION ALL SELECT k.lapsed_at, 'lapsed', NULL, NULL, k.shown, 0, 5 FROM invite_codes k WHERE k.entry_id = $1 AND k.lapsed_at IS NOT NULL
            UNION ALL SELECT m.registered_at, 'registered', k.kind, f.name, k.shown, 0, 9
            FROM members m LEFT JOIN redemptions d ON d.member_id = m.id LEFT JOIN invite_codes k ON k.id = d.code_id
            LEFT JOIN referrals r ON r.referred_member_id = m.id LEFT JOIN members f ON f.id = r.referrer_member_id WHERE m.id = $2
            """),
        (TimelineKind.Points, """
            SELECT l.created_at AS at, l.kind AS event, l.note AS a, coalesce(o.name, s.name) AS b, o.public_id AS c, l.points AS n, l.id AS ord
            FROM (SELECT * FROM points_ledger WHERE entry_id = $1 ORDER BY created_at DESC, id DESC LIMIT {0}) l
            LEFT JOIN waitlist_entries o ON o.id = CASE WHEN l.kind IN ('brought', 'arrived') AND l.cause ~ '^entry:[0-9]{1,18}$' THEN substr(l.cause, 7)::bigint END
            LEFT JOIN waitlist_entries e ON e.id = l.entry_id LEFT JOIN sources s ON l.kind = 'source' AND s.id = e.source_id
            """),
        (TimelineKind.Mails, """
            SELECT CASE WHEN o.state IN ('dead', 'suppressed') THEN greatest(o.created_at, (SELECT max(t.at) FROM outbox_attempts t WHERE t.outbox_id = o.id)) ELSE coalesce(o.sent_at, o.created_at) END AS at,
              o.state AS event, o.template AS a, o.last_error AS b, o.id::text AS c, o.attempts AS n, o.id AS ord
            FROM outbox o WHERE o.kind = 'mail' AND (o.entry_id = $1 OR o.member_id = $2)
            UNION ALL SELECT t.at, 'try', o.template, t.error, o.id::text, 0, t.id FROM outbox o JOIN outbox_attempts t ON t.outbox_id = o.id
            WHERE o.kind = 'mail' AND (o.entry_id = $1 OR o.member_id = $2) AND t.outcome = 'retry'
            """),
        (TimelineKind.Codes, """
            SELECT k.created_at AS at, 'given' AS event, k.kind AS a, NULL AS b, CASE WHEN count(*) = 1 THEN min(k.shown) END AS c, count(*)::int AS n, min(k.id) AS ord
            FROM invite_codes k WHERE k.entry_id = $1 OR k.owner_member_id = $2 OR k.person_email = ANY($3) GROUP BY k.created_at, k.kind
            UNION ALL SELECT d.redeemed_at, 'used', m.name, m.public_id, k.shown, 0, d.id
            FROM invite_codes k JOIN redemptions d ON d.code_id = k.id JOIN members m ON m.id = d.member_id WHERE k.owner_member_id = $2
            UNION ALL SELECT k.revoked_at, 'revoked', k.revoked_reason, NULL, k.shown, 0, k.id FROM invite_codes k
            WHERE (k.entry_id = $1 OR k.owner_member_id = $2 OR k.person_email = ANY($3)) AND k.revoked_at IS NOT NULL AND k.revoked_by IS NULL
            UNION ALL SELECT k.expires_at, 'expired', NULL, NULL, k.shown, 0, k.id FROM invite_codes k
            WHERE (k.entry_id = $1 OR k.owner_member_id = $2 OR k.person_email = ANY($3)) AND k.expires_at <= now() AND k.used_count = 0 AND k.lapsed_at IS NULL AND k.status = 'active'
            UNION ALL SELECT t.last_at, 'refused', t.reason, NULL, k.shown, least(t.attempts, 1000000)::int, k.id FROM invite_codes k JOIN code_attempts t ON t.code_id = k.id
            WHERE k.entry_id = $1 OR k.owner_member_id = $2 OR k.person_email = ANY($3)
            """),
        (TimelineKind.Referrals, """
            SELECT * FROM (SELECT r.created_at AS at, 'brought' AS event, m.name AS a, r.status AS b, m.public_id AS c, 0 AS n, r.id AS ord
              FROM referrals r JOIN members m ON m.id = r.referred_member_id WHERE r.referrer_member_id = $2 ORDER BY r.id DESC LIMIT {0}) brought
            UNION ALL SELECT * FROM (SELECT f.joined_at, 'followed', f.name, f.status, f.public_id, 0, f.id FROM waitlist_entries f WHERE f.referred_by_id = $1 ORDER BY f.joined_at DESC, f.id DESC LIMIT {0}) followed
            UNION ALL SELECT g.granted_at, 'granted', g.tier, g.reason, g.threshold::text, g.codes, g.id FROM reward_grants g WHERE g.member_id = $2
            """),
        (TimelineKind.Staff, $$"""
            SELECT a.at, a.action AS event, a.actor_name AS a, a.reason AS b, a.target_kind || ':' || coalesce(k.shown, '') AS c, 0 AS n, a.id AS ord
            FROM ({{AuditQueries.PersonTargets}}) t(kind, id) JOIN audit_log a ON a.target_kind = t.kind AND a.target_id = t.id
            LEFT JOIN invite_codes k ON k.id = CASE WHEN a.target_kind = 'code' AND a.target_id ~ '^[0-9]{1,18}$' THEN a.target_id::bigint END
            """),
        (TimelineKind.Notes, """
            SELECT n.created_at AS at, 'note' AS event, n.author_name AS a, n.text AS b, NULL AS c, 0 AS n, n.id AS ord FROM notes n WHERE n.entry_id = $1 OR n.member_id = $2
            """),
    ];
}
