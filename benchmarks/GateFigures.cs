using InviteAdmin.Rollout;

namespace InviteAdmin.Benchmarks;

/// <summary>Everything a gate may ask, measured over a stage of a hundred cohorts of a thousand.</summary>
internal static class GateFigures
{
    public static async Task Run(Lab lab)
    {
        var (cohorts, people) = lab.Short ? (20, 500) : (100, 1_000);
        var launch = await lab.NewLaunch(0);
        await launch.Execute(string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""
            UPDATE rollout_plans SET state = 'running', zone = 'Etc/UTC', send_at = '23:59', capacity = 10000000, stages =
              '[{"name":"All","batchSize":{{people}},"batches":null,"soakDays":0,"approval":"auto","gate":[
                {"metric":"conversion","atLeast":0.1,"minimumSample":50,"afterDays":3},{"metric":"retention","day":1,"atLeast":0.1,"minimumSample":50},
                {"metric":"signal","name":"error_rate","use":"Mean","hours":24,"atMost":0.9},{"metric":"bounces","atMost":0.9,"minimumSample":50},
                {"metric":"complaints","atMost":0.9,"minimumSample":50},{"metric":"capacity","atLeast":1}]}]';
            INSERT INTO cohorts (public_id, number, plan_id, local_date, stage, requested, invited, created_by, created_at, undo_until, state, snapshot)
            SELECT 'co_' || n, n, (SELECT id FROM rollout_plans WHERE is_current), current_date - {{cohorts}} - 3 + n, 0, {{people}}, {{people}}, 'Benchmark', now() - ({{cohorts}} + 3 - n) * interval '1 day', now(), 'released', '' FROM generate_series(1, {{cohorts}}) n;
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at, invited_at, cohort_id, registered_at)
            SELECT 'wl_' || c.number || '_' || i, c.number || '.' || i || '@example.com', c.number || '.' || i || '@example.com', 'Ann Example', CASE WHEN i % 2 = 0 THEN 'registered' ELSE 'invited' END,
              'r' || c.number || '-' || i, 's' || c.number || '-' || i, c.created_at, c.created_at, c.id, CASE WHEN i % 2 = 0 THEN c.created_at + interval '1 hour' END FROM cohorts c, generate_series(1, {{people}}) i;
            INSERT INTO cohort_entries (cohort_id, entry_id, rank, points, position) SELECT cohort_id, id, 1, 0, position FROM waitlist_entries;
            INSERT INTO invite_codes (code, shown, kind, cohort_id, entry_id, max_uses, used_count, expires_at)
            SELECT lpad(id::text, 12, '0'), lpad(id::text, 12, '0'), 'waitlist', cohort_id, id, 1, CASE WHEN status = 'registered' THEN 1 ELSE 0 END, now() + interval '7 days' FROM waitlist_entries;
            INSERT INTO members (public_id, email, canonical_email, name, entry_id, base_codes, credited_referrals, registered_at) SELECT 'usr_' || id, email, canonical_email, name, id, 3, 0, registered_at FROM waitlist_entries WHERE status = 'registered';
            INSERT INTO redemptions (member_id, code_id, redeemed_at) SELECT m.id, k.id, m.registered_at FROM members m JOIN invite_codes k ON k.entry_id = m.entry_id;
            INSERT INTO member_activity SELECT id, (registered_at AT TIME ZONE 'UTC')::date + 1 FROM members WHERE id % 3 = 0;
            INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id, cohort_id, code_id, state, sent_at) SELECT 'invitation', 'invitation:' || id, entry_id || '@example.com', '{}', entry_id, cohort_id, id, 'sent', now() FROM invite_codes;
            INSERT INTO signals (name, value, at) SELECT 'error_rate', 0.002, now() - i * interval '10 seconds' FROM generate_series(1, 8000) i;
            """));
        await launch.Execute("VACUUM ANALYZE");
        Figures.Say("| | median, ms | p99, ms | n |\n|---|---|---|---|");
        await LookUpFigures.Show($"a gate of six conditions over {cohorts} cohorts of {people:N0}", lab.Short ? 20 : 100, async _ =>
        {
            if (await launch.One<PlanQueries>().Standing(CancellationToken.None) is not { Gate.Count: 6 }) throw new InvalidOperationException("The gate was not measured.");
        });
    }
}
