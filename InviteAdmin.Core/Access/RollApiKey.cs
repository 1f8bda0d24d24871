using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Access;

/// <summary>The key was revoked or has expired.</summary>
public sealed record KeyEnded() : Failure("key-ended", "This key was revoked or has expired. Make a new one.");

/// <summary>
/// Gives a key a new secret while the old one goes on working for a day, so that a running backend is moved over without a gap. Scopes, idempotency keys, limits and
/// log stay the key's. Rolled again within the day, the secret before the last ends at once: never more than two work.
/// </summary>
public sealed class RollApiKey(Transactions transactions, ApiKeys keys)
{
    /// <summary>How long the old secret still works.</summary>
    public const int OverlapHours = 24;

    public async Task<Outcome<NewKey>> One(Actor actor, string? keyId, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        var secret = ApiKeys.NewSecret();
        var outcome = await transactions.Run<NewKey>(async connection =>
        {
            var rolled = await connection.Execute(
                """
                UPDATE api_keys SET previous_hash = secret_hash, previous_prefix = prefix, previous_until = now() + $4 * interval '1 hour', previous_used_at = NULL,
                  secret_hash = $2, prefix = $3, rolled_at = now()
                WHERE public_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
                """, cancel, keyId ?? "", ApiKeys.Hash(secret), secret[..ApiKeys.PrefixCharacters], OverlapHours);
            if (rolled == 0)
            {
                return await connection.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM api_keys WHERE public_id = $1)", cancel, keyId ?? "") ? new KeyEnded() : new NotFound("key");
            }

            await connection.Audit(actor, "key.rolled", "key", keyId!, cancel, after: new { OldWorksForHours = OverlapHours });
            return new NewKey(keyId!, secret);
        }, cancel);
        keys.Forget(keyId ?? "");
        return outcome;
    }

    /// <summary>Ends the old secret before its day is over. False when there was none any more.</summary>
    public async Task<Outcome<bool>> EndPrevious(Actor actor, string? keyId, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        var outcome = await transactions.Run<bool>(async connection =>
        {
            var ended = await connection.Execute(
                "UPDATE api_keys SET previous_hash = NULL, previous_prefix = NULL, previous_until = NULL WHERE public_id = $1 AND previous_until > now()", cancel, keyId ?? "");
            if (ended > 0)
            {
                await connection.Audit(actor, "key.roll-ended", "key", keyId!, cancel);
            }

            return ended > 0;
        }, cancel);
        keys.Forget(keyId ?? "");
        return outcome;
    }
}
