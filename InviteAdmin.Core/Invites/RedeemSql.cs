namespace InviteAdmin.Invites;

/// <summary>
/// The statements of a redemption, run in this order in one transaction and one round trip. Each takes arrays. Locks are
/// taken in one order everywhere: codes by id, entries by id, members by id.
/// </summary>
internal static class RedeemSql
{
    /// <summary>
    /// Spends uses and makes members. The clock is read once, when all locks are held: what it allows is what is written. Returns one refusal (or null) per row, in order.
    /// </summary>
    public const string Spend =
        """
        WITH input AS MATERIALIZED (
          SELECT * FROM ROWS FROM (unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::boolean[]), unnest($6::text[]), generate_series(1, cardinality($1::text[])))
            AS i(code, email, canonical, name, verified, public_id, ord)
        ), codes AS MATERIALIZED (
          SELECT c.* FROM invite_codes c
          WHERE c.id IN (
            SELECT k.id FROM invite_codes k JOIN input i ON i.code = k.code
            UNION
            SELECT k.id FROM input i JOIN waitlist_entries e ON e.canonical_email = i.canonical JOIN invite_codes k ON k.entry_id = e.id)
          ORDER BY c.id FOR NO KEY UPDATE
        ), wanted AS MATERIALIZED (
          SELECT i.ord, c.entry_id AS id, 1 AS choice FROM input i JOIN codes c ON c.code = i.code WHERE c.entry_id IS NOT NULL
          UNION ALL SELECT i.ord, e.id, 2 FROM input i JOIN waitlist_entries e ON e.canonical_email = i.canonical
        ), entries AS MATERIALIZED (
          SELECT e.id, e.status, e.confirmed_at, e.canonical_email FROM waitlist_entries e
          WHERE e.id IN (SELECT id FROM wanted UNION SELECT w.referred_by_id FROM waitlist_entries w WHERE w.id IN (SELECT id FROM wanted))
          ORDER BY e.id FOR NO KEY UPDATE
        ), clock AS MATERIALIZED (
          -- Counting each of the two takes all its locks; asked for less, a plan may leave codes unlocked until after the clock.
          SELECT clock_timestamp() AS at, c.n, e.n FROM (SELECT count(*) AS n FROM codes) c CROSS JOIN (SELECT count(*) AS n FROM entries) e
        ), checked AS MATERIALIZED (
          SELECT i.*, t.at, c.id AS code_id, c.tier, c.max_uses - c.used_count AS uses_left,
            CASE WHEN c.id IS NULL THEN 'unknown'
                 WHEN c.status = 'revoked' THEN 'revoked'
                 WHEN c.expires_at <= t.at THEN 'expired'
                 WHEN c.used_count >= c.max_uses THEN 'exhausted'
                 WHEN m.id IS NOT NULL THEN 'email' END AS refusal
          FROM input i CROSS JOIN clock t LEFT JOIN codes c ON c.code = i.code LEFT JOIN members m ON m.canonical_email = i.canonical
        ), judged AS MATERIALIZED (
          SELECT *, CASE WHEN refusal IS NULL AND row_number() OVER (PARTITION BY code_id, refusal ORDER BY ord) > uses_left THEN 'exhausted' ELSE refusal END AS verdict
          FROM checked
        ), choices AS (
          SELECT DISTINCT ON (w.ord) w.ord, w.id
          FROM wanted w JOIN entries e ON e.id = w.id JOIN judged j ON j.ord = w.ord
          WHERE j.verdict IS NULL AND e.status <> 'registered' AND (w.choice = 1 OR e.confirmed_at IS NOT NULL OR j.verified)
          ORDER BY w.ord, w.choice
        ), claims AS MATERIALIZED (
          SELECT DISTINCT ON (id) ord, id FROM choices ORDER BY id, ord
        ), added AS (
          INSERT INTO members (public_id, email, canonical_email, name, tier, entry_id, base_codes, credited_referrals, registered_at)
          SELECT j.public_id, j.email, j.canonical, j.name, coalesce(j.tier, 'standard'), k.id, $8, 0, clock_timestamp()
          FROM judged j LEFT JOIN claims k ON k.ord = j.ord WHERE j.verdict IS NULL ORDER BY j.canonical
          ON CONFLICT (canonical_email) DO NOTHING
          RETURNING id, public_id, email, name, entry_id
        ), made AS MATERIALIZED (
          SELECT a.*, j.ord, j.code_id, j.at FROM added a JOIN judged j ON j.public_id = a.public_id
        ), redeemed AS (
          INSERT INTO redemptions (member_id, code_id, redeemed_at) SELECT id, code_id, at FROM made ORDER BY ord
        ), changed AS (
          UPDATE invite_codes c
          SET used_count = c.used_count + x.uses,
              status = CASE WHEN x.uses = 0 THEN 'revoked' ELSE c.status END,
              revoked_at = CASE WHEN x.uses = 0 THEN clock_timestamp() ELSE c.revoked_at END,
              revoked_reason = CASE WHEN x.uses = 0 THEN 'Signed up another way.' ELSE c.revoked_reason END
          FROM (SELECT code_id AS id, count(*)::int AS uses FROM made GROUP BY code_id
                UNION ALL
                SELECT c.id, 0 FROM codes c JOIN made m ON m.entry_id = c.entry_id
                WHERE c.kind = 'waitlist' AND c.status = 'active' AND c.used_count = 0 AND c.id NOT IN (SELECT code_id FROM made)) x
          WHERE c.id = x.id
        ), given AS (
          INSERT INTO invite_codes (code, shown, kind, owner_member_id, max_uses, expires_at)
          SELECT g.code, show_code(g.code), 'personal', m.id, 1, now() + $9 * interval '1 day'
          FROM made m CROSS JOIN generate_series(1, $8) n CROSS JOIN LATERAL (SELECT ($7::text[])[(m.ord - 1) * $8 + n] AS code) g
          RETURNING owner_member_id, shown
        ), registered AS (
          UPDATE waitlist_entries e
          SET status = CASE WHEN m.entry_id IS NOT NULL THEN 'registered' ELSE 'declined' END,
              registered_at = CASE WHEN m.entry_id IS NOT NULL THEN clock_timestamp() END,
              declined_at = CASE WHEN m.entry_id IS NULL THEN clock_timestamp() END,
              decline_reason = CASE WHEN m.entry_id IS NULL THEN 'member' END
          FROM (SELECT entry_id AS id, entry_id FROM made WHERE entry_id IS NOT NULL
                UNION ALL
                SELECT w.id, NULL FROM wanted w JOIN made m ON m.ord = w.ord JOIN entries e ON e.id = w.id
                JOIN input i ON i.ord = w.ord
                WHERE w.choice = 2 AND e.status IN ('unconfirmed', 'waiting') AND (e.confirmed_at IS NOT NULL OR i.verified)
                  AND w.id NOT IN (SELECT entry_id FROM made WHERE entry_id IS NOT NULL)) m
          WHERE e.id = m.id
        ), unsent AS (
          UPDATE outbox o SET state = 'cancelled' FROM made m
          WHERE o.entry_id = m.entry_id AND o.state = 'pending' AND o.lease_until IS NULL AND o.template IN ('invitation', 'reminder', 'confirm', 'lapsed')
        ), mailed AS (
          INSERT INTO outbox (template, dedupe_key, recipient, payload, member_id, entry_id)
          SELECT 'registered', 'registered:' || m.id, m.email,
            jsonb_build_object('name', m.name, 'codes', (SELECT coalesce(jsonb_agg(g.shown), '[]') FROM given g WHERE g.owner_member_id = m.id)), m.id, m.entry_id
          FROM made m
        )
        SELECT CASE WHEN j.verdict IS NULL AND m.id IS NULL THEN 'email' ELSE j.verdict END
        FROM judged j LEFT JOIN made m ON m.ord = j.ord ORDER BY j.ord
        """;

    /// <summary>
    /// Ends invitations that were committed while <see cref="Spend"/> waited for their entries, which it could therefore not see.
    /// </summary>
    public const string EndInvitations =
        """
        WITH codes AS MATERIALIZED (
          SELECT c.id, c.entry_id FROM members m JOIN invite_codes c ON c.entry_id = m.entry_id
          WHERE m.public_id = ANY($1) AND c.kind = 'waitlist' AND c.status = 'active' AND c.used_count = 0 AND c.lapsed_at IS NULL
          ORDER BY c.id FOR NO KEY UPDATE OF c
        ), unsent AS (
          UPDATE outbox o SET state = 'cancelled' FROM codes k WHERE o.entry_id = k.entry_id AND o.code_id = k.id AND o.state = 'pending' AND o.lease_until IS NULL
        )
        UPDATE invite_codes c SET status = 'revoked', revoked_at = clock_timestamp(), revoked_reason = 'Signed up another way.' FROM codes k WHERE c.id = k.id
        """;

    /// <summary>
    /// Credits whoever brought the new members: the owner of a personal code, otherwise the member whose link was followed;
    /// and the new members for people who followed their link and were faster. A pair that would close a cycle is left out.
    /// </summary>
    public const string Refer =
        """
        WITH RECURSIVE fresh AS MATERIALIZED (
          SELECT m.id, m.entry_id, CASE WHEN c.kind = 'personal' THEN c.id END AS code_id, CASE WHEN c.kind = 'personal' THEN c.owner_member_id END AS owner_id
          FROM members m JOIN redemptions r ON r.member_id = m.id JOIN invite_codes c ON c.id = r.code_id WHERE m.public_id = ANY($1)
        ), direct AS MATERIALIZED (
          SELECT f.id AS referred, coalesce(f.owner_id, b.id) AS referrer, f.code_id
          FROM fresh f LEFT JOIN waitlist_entries e ON e.id = f.entry_id LEFT JOIN members b ON b.entry_id = e.referred_by_id
          WHERE coalesce(f.owner_id, b.id) IS NOT NULL
        ), up AS (
          SELECT referred AS start, referrer AS id FROM direct
          UNION SELECT u.start, r.referrer_member_id FROM up u JOIN referrals r ON r.referred_member_id = u.id
        ), late AS (
          SELECT b.id AS referred, f.id AS referrer
          FROM fresh f JOIN waitlist_entries e ON e.referred_by_id = f.entry_id JOIN members b ON b.entry_id = e.id
          WHERE NOT EXISTS (SELECT 1 FROM referrals r WHERE r.referred_member_id = b.id) AND NOT EXISTS (SELECT 1 FROM up WHERE up.start = f.id AND up.id = b.id)
        ), added AS (
          INSERT INTO referrals (referrer_member_id, referred_member_id, code_id, status)
          SELECT referrer, referred, code_id, 'credited' FROM (
            SELECT referrer, referred, code_id FROM direct UNION ALL SELECT referrer, referred, NULL FROM late WHERE referred NOT IN (SELECT referred FROM direct)) x
          ORDER BY referred
          ON CONFLICT (referred_member_id) DO NOTHING
          RETURNING referrer_member_id
        ), locked AS MATERIALIZED (
          SELECT id FROM members WHERE id IN (SELECT referrer_member_id FROM added) ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE members m SET credited_referrals = m.credited_referrals + x.n
        FROM (SELECT a.referrer_member_id AS id, count(*)::int AS n FROM added a JOIN locked l ON l.id = a.referrer_member_id GROUP BY 1) x
        WHERE m.id = x.id
        """;

    /// <summary>
    /// Grants every milestone reached and not yet granted, with its codes, tier and notification. LIMIT 1 keeps the look-up by
    /// id: left the choice, the planner once read everybody who had ever brought somebody.
    /// </summary>
    public const string Reward =
        """
        WITH touched AS (
          SELECT id FROM members WHERE public_id = ANY($1)
          UNION SELECT r.referrer_member_id FROM members n JOIN referrals r ON r.referred_member_id = n.id WHERE n.public_id = ANY($1)
        ), reached AS MATERIALIZED (
          SELECT m.* FROM touched t CROSS JOIN LATERAL (SELECT id, public_id, credited_referrals FROM members WHERE id = t.id LIMIT 1) m
        ), granted AS (
          INSERT INTO reward_grants (member_id, threshold, codes, tier, reason)
          SELECT m.id, s.threshold, s.codes, s.tier, 'milestone' FROM reached m JOIN milestones s ON s.threshold <= m.credited_referrals
          ORDER BY m.id, s.threshold
          ON CONFLICT (member_id, threshold) DO NOTHING
          RETURNING member_id, threshold, codes, tier
        ), given AS (
          INSERT INTO invite_codes (code, shown, kind, owner_member_id, max_uses, expires_at)
          SELECT code, show_code(code), 'personal', member_id, 1, now() + $2 * interval '1 day'
          FROM (SELECT g.member_id, new_code() AS code FROM granted g CROSS JOIN generate_series(1, g.codes)) x
        ), lifted AS (
          UPDATE members m SET tier = g.tier FROM (SELECT DISTINCT ON (member_id) member_id, tier FROM granted WHERE tier IS NOT NULL ORDER BY member_id, threshold DESC) g
          WHERE m.id = g.member_id
        )
        INSERT INTO outbox (kind, template, dedupe_key, recipient, payload, member_id)
        SELECT 'notification', 'referral_milestone', 'milestone:' || g.member_id || ':' || g.threshold, m.email,
          jsonb_build_object('name', m.name, 'userId', m.public_id, 'count', g.threshold, 'newInvites', g.codes), m.id
        FROM granted g JOIN members m ON m.id = g.member_id
        """;

    /// <summary>The new members with their codes, one row per code.</summary>
    public const string Answer =
        """
        SELECT m.public_id, m.tier, b.public_id, c.shown, c.expires_at
        FROM members m LEFT JOIN referrals r ON r.referred_member_id = m.id LEFT JOIN members b ON b.id = r.referrer_member_id
        LEFT JOIN invite_codes c ON c.owner_member_id = m.id
        WHERE m.public_id = ANY($1) ORDER BY m.id, c.id
        """;
}
