using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>
/// Takes a code back: its unused uses end, whoever used it stays. The person of a revoked invitation waits again. Again changes nothing.
/// For ten seconds <see cref="UndoRevocation"/> gives everything back. A revocation mails nobody; the mail it cancels comes back with the code.
/// </summary>
public sealed class RevokeCode(Transactions transactions)
{
    /// <summary>How long the way back is open, by the database's clock.</summary>
    public const int UndoSeconds = 10;

    public async Task<Outcome<CodeFacts>> One(Actor actor, string code, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500, required: true);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        var canonical = CodeText.Canonical(code);
        return await transactions.Run<CodeFacts>(async connection =>
        {
            var revoked = await connection.Query(RevokeSql, row => (Id: row.GetInt64(0), Used: row.GetInt32(1), Ended: row.GetInt32(2)), cancel, canonical, reason, actor.Name, UndoSeconds);
            if (revoked is [var one])
            {
                await connection.Audit(actor, "code.revoked", "code", $"{one.Id}", cancel, before: new { State = "active" }, after: new { State = "revoked", one.Used, one.Ended }, reason: reason);
            }

            var facts = await connection.Query($"{CodeFacts.Select} WHERE c.code = $1", CodeFacts.Read, cancel, canonical);
            return facts.Count == 0 ? new CodeUnknown() : facts[0];
        }, cancel);
    }

    private const string RevokeSql =
        """
        WITH code AS MATERIALIZED (
          SELECT id, kind, entry_id, used_count, max_uses, lapsed_at FROM invite_codes WHERE code = $1 AND status = 'active' FOR NO KEY UPDATE
        ), entry AS MATERIALIZED (
          SELECT e.id, coalesce(e.invited_at, clock_timestamp()) AS invited_at FROM waitlist_entries e JOIN code k ON k.entry_id = e.id
          WHERE k.kind = 'waitlist' AND k.used_count = 0 AND k.lapsed_at IS NULL AND e.status = 'invited' FOR NO KEY UPDATE OF e
        ), mails AS (
          SELECT o.id FROM code k JOIN outbox o ON o.entry_id = k.entry_id WHERE o.code_id = k.id AND o.state = 'pending'
          UNION ALL SELECT o.id FROM code k JOIN outbox o ON o.dedupe_key = 'vip:' || k.id WHERE o.state = 'pending'
        ), unsent AS (
          UPDATE outbox SET state = 'cancelled' WHERE id IN (SELECT id FROM mails) AND state = 'pending' AND lease_until IS NULL RETURNING id
        ), noted AS (
          INSERT INTO code_revocations (code_id, reason, revoked_by, revoked_at, undo_until, codes, uses_ended, entry_invited_at, mails)
          SELECT k.id, $2, $3, t.at, t.at + $4 * interval '1 second', 1, k.max_uses - k.used_count, (SELECT invited_at FROM entry), ARRAY(SELECT id FROM unsent)
          FROM code k CROSS JOIN LATERAL (SELECT clock_timestamp() AS at, k.id) t
          RETURNING id, code_id
        ), waiting AS (
          UPDATE waitlist_entries e SET status = 'waiting', invited_at = NULL, cohort_id = NULL FROM entry x WHERE e.id = x.id
        )
        UPDATE invite_codes k SET status = 'revoked', revoked_at = clock_timestamp(), revoked_reason = $2, revoked_by = $3, revocation_id = n.id
        FROM noted n WHERE k.id = n.code_id RETURNING k.id, k.used_count, k.max_uses - k.used_count
        """;
}
