namespace InviteAdmin.Data;

/// <summary>Statements around the demo launch.</summary>
internal static class DemoSql
{
    public const string AddCampaign =
        """
        WITH added AS (
          INSERT INTO campaigns (public_id, slug, name, prefix, codes, max_uses_each, expires_at, created_by, created_at, demo)
          VALUES ('cp_demo' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 12), 'launch-week-demo', 'Launch week', 'HUNT', $1, 5, $2, 'Demo launch', now() - interval '10 days', true)
          RETURNING id, public_id
        ), noted AS (
          INSERT INTO audit_log (actor_kind, actor_id, actor_name, action, target_kind, target_id) SELECT 'system', 'demo', 'Demo launch', 'campaign.minted', 'campaign', public_id FROM added
        )
        SELECT id FROM added
        """;

    /// <summary>Names of dedupe keys as the use cases write them, suppressed hashes, the plan set running, planner statistics.</summary>
    public const string Finish =
        """
        UPDATE outbox SET dedupe_key = CASE template
          WHEN 'invitation' THEN 'invitation:' || code_id WHEN 'registered' THEN 'registered:' || member_id WHEN 'lapsed' THEN 'lapsed:' || entry_id || ':1'
          WHEN 'referral_milestone' THEN 'milestone:' || member_id || ':' || (payload ->> 'count') ELSE template || ':' || entry_id END
        WHERE dedupe_key LIKE 'demo:%';
        INSERT INTO outbox_attempts (outbox_id, at, outcome, error, process, milliseconds)
        SELECT o.id, o.created_at + n * interval '10 minutes', CASE WHEN n < o.attempts OR o.state = 'pending' THEN 'retry' ELSE o.state END, o.last_error, 'demo', 40 FROM outbox o, generate_series(1, o.attempts) n
        WHERE o.state IN ('dead', 'pending', 'suppressed');
        INSERT INTO code_attempts (code_id, hour, reason, attempts, last_at)
        SELECT k.id, date_trunc('hour', now()) - h * interval '7 hours', 'email-registered', 5 - h, date_trunc('hour', now()) - h * interval '7 hours' + interval '12 minutes'
        FROM invite_codes k, generate_series(1, 3) h WHERE k.kind = 'campaign' AND k.used_count > 2;
        SELECT setval('waitlist_position', (SELECT max(position) FROM waitlist_entries));
        UPDATE cohorts SET stage = 0 WHERE demo;
        UPDATE rollout_plans SET state = 'running', capacity = 5000, stages = jsonb_build_array(
          jsonb_build_object('name', 'A hundred a day', 'batchSize', 100, 'batches', (SELECT count(*) FROM cohorts WHERE demo) + 4, 'soakDays', 3, 'approval', 'manual', 'gate', jsonb_build_array(
            jsonb_build_object('metric', 'conversion', 'atLeast', 0.35, 'minimumSample', 200, 'afterDays', 3), jsonb_build_object('metric', 'bounces', 'atMost', 0.05, 'minimumSample', 200))),
          jsonb_build_object('name', 'Open the doors', 'batchSize', 500, 'batches', NULL, 'soakDays', 0, 'approval', 'auto', 'gate', jsonb_build_array(
            jsonb_build_object('metric', 'complaints', 'atMost', 0.01, 'minimumSample', 200))))
        WHERE is_current AND state = 'draft';
        UPDATE installation SET demo_loaded = true;
        DELETE FROM rank_changes;
        INSERT INTO rank_changes (entry_id) SELECT id FROM waitlist_entries WHERE status = 'waiting' ORDER BY id;
        ANALYZE;
        """;

    /// <summary>Everything that hangs on the demo goes, in the order the keys allow; points given by demo people to others are taken back with them.</summary>
    public const string Remove =
        """
        CREATE TEMP TABLE gone_members ON COMMIT DROP AS
          WITH RECURSIVE gone AS (
            SELECT id FROM members WHERE demo OR entry_id IN (SELECT id FROM waitlist_entries WHERE demo)
              OR id IN (SELECT r.member_id FROM redemptions r JOIN invite_codes c ON c.id = r.code_id LEFT JOIN campaigns p ON p.id = c.campaign_id LEFT JOIN waitlist_entries e ON e.id = c.entry_id
                        WHERE p.demo OR e.demo OR c.id IN (SELECT target_id::bigint FROM audit_log WHERE actor_id = 'demo' AND action = 'code.vip'))
            UNION SELECT r.member_id FROM gone g JOIN invite_codes c ON c.owner_member_id = g.id JOIN redemptions r ON r.code_id = c.id)
          SELECT id FROM gone;
        CREATE TEMP TABLE gone_entries ON COMMIT DROP AS
          SELECT id FROM waitlist_entries WHERE demo UNION SELECT entry_id FROM members WHERE id IN (SELECT id FROM gone_members) AND entry_id IS NOT NULL;
        CREATE TEMP TABLE gone_codes ON COMMIT DROP AS
          SELECT c.id FROM invite_codes c LEFT JOIN campaigns p ON p.id = c.campaign_id
          WHERE p.demo OR c.owner_member_id IN (SELECT id FROM gone_members) OR c.entry_id IN (SELECT id FROM gone_entries)
            OR c.id IN (SELECT target_id::bigint FROM audit_log WHERE actor_id = 'demo' AND action = 'code.vip');
        DELETE FROM outbox WHERE entry_id IN (SELECT id FROM gone_entries) OR member_id IN (SELECT id FROM gone_members) OR code_id IN (SELECT id FROM gone_codes);
        UPDATE members m SET credited_referrals = m.credited_referrals - x.n FROM (
          SELECT referrer_member_id AS id, count(*)::int AS n FROM referrals WHERE referred_member_id IN (SELECT id FROM gone_members) AND status = 'credited' GROUP BY 1) x WHERE m.id = x.id;
        DELETE FROM referrals WHERE referrer_member_id IN (SELECT id FROM gone_members) OR referred_member_id IN (SELECT id FROM gone_members) OR code_id IN (SELECT id FROM gone_codes);
        DELETE FROM redemptions WHERE member_id IN (SELECT id FROM gone_members);
        DELETE FROM reward_grants g USING members m WHERE m.id = g.member_id AND (m.id IN (SELECT id FROM gone_members) OR g.threshold > m.credited_referrals);
        DELETE FROM invite_codes WHERE id IN (SELECT id FROM gone_codes);
        DELETE FROM members WHERE id IN (SELECT id FROM gone_members);
        CREATE TEMP TABLE gone_points ON COMMIT DROP AS
          SELECT l.id, l.entry_id, l.points FROM points_ledger l WHERE l.entry_id IN (SELECT id FROM gone_entries) OR l.kind IN ('arrived', 'brought') AND substr(l.cause, 7)::bigint IN (SELECT id FROM gone_entries);
        DELETE FROM points_ledger WHERE id IN (SELECT id FROM gone_points);
        UPDATE waitlist_entries e SET points = e.points - x.points FROM (SELECT entry_id, sum(points)::int AS points FROM gone_points GROUP BY 1) x WHERE e.id = x.entry_id;
        UPDATE waitlist_entries SET referred_by_id = NULL WHERE referred_by_id IN (SELECT id FROM gone_entries);
        DELETE FROM cohort_entries WHERE entry_id IN (SELECT id FROM gone_entries);
        UPDATE cohorts c SET invited = (SELECT count(*) FROM cohort_entries p WHERE p.cohort_id = c.id);
        DELETE FROM waitlist_entries WHERE id IN (SELECT id FROM gone_entries);
        UPDATE waitlist_entries SET cohort_id = NULL WHERE cohort_id IN (SELECT id FROM cohorts WHERE demo);
        DELETE FROM rollout_decisions WHERE cohort_id IN (SELECT id FROM cohorts WHERE demo);
        DELETE FROM cohorts WHERE demo;
        DELETE FROM campaigns WHERE demo;
        UPDATE rollout_plans SET state = 'draft', capacity = NULL, stages = '[]', stage = 0, stage_from = 0, waits_for = NULL, approved = false, held_since = NULL, held_reason = NULL WHERE is_current;
        UPDATE installation SET demo_loaded = false;
        """;
}
