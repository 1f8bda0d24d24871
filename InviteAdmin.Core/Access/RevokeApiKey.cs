using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Access;

/// <summary>Ends a key and both its secrets for good: here at once, in other processes within <see cref="ApiKeys.Trust"/>. Again changes nothing.</summary>
public sealed class RevokeApiKey(Transactions transactions, ApiKeys keys)
{
    /// <summary>False when it was revoked already.</summary>
    public async Task<Outcome<bool>> One(Actor actor, string? keyId, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        var outcome = await transactions.Run<bool>(async connection =>
        {
            if (await connection.Execute("UPDATE api_keys SET revoked_at = now(), revoked_by = $2 WHERE public_id = $1 AND revoked_at IS NULL", cancel, keyId ?? "", actor.Name) > 0)
            {
                await connection.Audit(actor, "key.revoked", "key", keyId!, cancel, reason: reason);
                return true;
            }

            return await connection.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM api_keys WHERE public_id = $1)", cancel, keyId ?? "") ? false : new NotFound("key");
        }, cancel);
        keys.Forget(keyId ?? "");
        return outcome;
    }
}
