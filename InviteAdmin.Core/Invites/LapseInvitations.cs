using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>How many invitations were taken back and how many people were reminded.</summary>
public sealed record LapseReport(int Lapsed, int Reminded);

/// <summary>
/// Takes back unused waitlist invitations past their end: the seat is free, the entry waits again, once; the second time it
/// is declined by lapse. Reminds the people whose invitation ends soon, once each.
/// </summary>
public sealed class LapseInvitations(Transactions transactions, LifetimeRules lifetimes)
{
    private const int BatchSize = 1_000;

    public async Task<Outcome<LapseReport>> Run(Actor actor, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Operate) is { } refused)
        {
            return refused;
        }

        var lapsed = 0;
        for (var last = BatchSize; last == BatchSize; lapsed += last)
        {
            last = (int)await transactions.Run(connection => connection.Scalar<long>(LapseSql, cancel, BatchSize), cancel);
        }

        var reminded = await transactions.Run(async connection => await connection.Execute(RemindSql, cancel, (await lifetimes.Now(connection, cancel)).ReminderDays), cancel);
        return new LapseReport(lapsed, reminded);
    }

    private const string LapseSql =
        """
        WITH codes AS MATERIALIZED (
          SELECT id, entry_id FROM invite_codes
          WHERE kind = 'waitlist' AND status = 'active' AND used_count = 0 AND lapsed_at IS NULL AND expires_at <= now()
          ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
        ), entries AS MATERIALIZED (
          SELECT id FROM waitlist_entries WHERE id IN (SELECT entry_id FROM codes) AND status = 'invited' ORDER BY id FOR NO KEY UPDATE
        ), marked AS (
          UPDATE invite_codes c SET lapsed_at = now() FROM codes k WHERE c.id = k.id RETURNING c.id
        ), unsent AS (
          UPDATE outbox o SET state = 'cancelled' FROM codes k WHERE o.entry_id = k.entry_id AND o.code_id = k.id AND o.state = 'pending' AND o.lease_until IS NULL
        ), moved AS (
          UPDATE waitlist_entries e
          SET lapses = e.lapses + 1,
              status = CASE WHEN e.lapses = 0 THEN 'waiting' ELSE 'declined' END,
              declined_at = CASE WHEN e.lapses = 0 THEN NULL ELSE now() END,
              decline_reason = CASE WHEN e.lapses = 0 THEN NULL ELSE 'lapse' END
          FROM entries x WHERE e.id = x.id
          RETURNING e.id, e.email, e.name, e.status_token, e.lapses, e.hold
        ), mailed AS (
          INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id)
          SELECT 'lapsed', 'lapsed:' || id || ':' || lapses, email, jsonb_build_object('name', name, 'statusToken', status_token), id
          FROM moved WHERE lapses = 1 AND hold IS DISTINCT FROM 'suppressed'
        )
        SELECT count(*) FROM marked
        """;

    // Only after the invitation itself has left.
    private const string RemindSql =
        """
        INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id, cohort_id, code_id)
        SELECT 'reminder', 'reminder:' || c.id, e.email, jsonb_build_object('name', e.name, 'code', c.shown, 'statusToken', e.status_token, 'expiresAt', c.expires_at), e.id, c.cohort_id, c.id
        FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id
        WHERE c.kind = 'waitlist' AND c.status = 'active' AND c.used_count = 0 AND c.lapsed_at IS NULL
          AND c.expires_at > now() AND c.expires_at <= now() + $1 * interval '1 day' AND e.status = 'invited'
          AND EXISTS (SELECT 1 FROM outbox o WHERE o.entry_id = e.id AND o.code_id = c.id AND o.template = 'invitation' AND o.state = 'sent' AND o.sent_at < now() - interval '1 day')
        ON CONFLICT (dedupe_key) DO NOTHING
        """;
}
