using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>Takes a code back: its unused uses end, whoever used it stays. The person of a revoked invitation waits again. Again changes nothing.</summary>
public sealed class RevokeCode(Transactions transactions)
{
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
            var revoked = await connection.Query(RevokeSql, row => row.GetInt64(0), cancel, canonical, reason, actor.Name);
            if (revoked.Count > 0)
            {
                await connection.Audit(actor, "code.revoked", "code", $"{revoked[0]}", cancel, reason: reason);
            }

            var facts = await connection.Query($"{CodeFacts.Select} WHERE c.code = $1", CodeFacts.Read, cancel, canonical);
            return facts.Count == 0 ? new CodeUnknown() : facts[0];
        }, cancel);
    }

    private const string RevokeSql =
        """
        WITH revoked AS (
          UPDATE invite_codes SET status = 'revoked', revoked_at = clock_timestamp(), revoked_reason = $2, revoked_by = $3
          WHERE code = $1 AND status = 'active' RETURNING id, kind, entry_id, used_count, lapsed_at
        ), waiting AS (
          UPDATE waitlist_entries e SET status = 'waiting', invited_at = NULL, cohort_id = NULL FROM revoked r
          WHERE e.id = r.entry_id AND r.kind = 'waitlist' AND r.used_count = 0 AND r.lapsed_at IS NULL AND e.status = 'invited'
        ), unsent AS (
          UPDATE outbox o SET state = 'cancelled' FROM revoked r WHERE o.entry_id = r.entry_id AND o.code_id = r.id AND o.state = 'pending' AND o.lease_until IS NULL
        )
        SELECT id FROM revoked
        """;
}
