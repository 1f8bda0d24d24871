using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;
using NpgsqlTypes;

namespace InviteAdmin.Access;

/// <summary>A key just made. The secret is shown this once; only its hash is kept.</summary>
public sealed record NewKey(string Id, string Secret);

/// <summary>Makes a key of the HTTP API with the scopes named.</summary>
public sealed class CreateApiKey(Transactions transactions, TimeProvider time)
{
    /// <summary>Longest a key may live, when it is not to live for good.</summary>
    public const int MostDays = 3_650;

    public Task<Outcome<NewKey>> One(Actor actor, string? name, IReadOnlyList<string> scopes, CancellationToken cancel) => One(actor, name, scopes, null, cancel);

    /// <param name="expiresInDays">1 to 3,650; null for a key that works until it is revoked.</param>
    public async Task<Outcome<NewKey>> One(Actor actor, string? name, IReadOnlyList<string> scopes, int? expiresInDays, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        name = checks.Text("name", name, 100, required: true);
        var wanted = scopes.Select(s => s.Trim().ToLowerInvariant()).Distinct().ToArray();
        if (wanted.Length == 0 || wanted.Except(Scope.All).Any())
        {
            checks.Refuse("scopes", $"Scopes must be one or more of {string.Join(", ", Scope.All)}.");
        }

        if (expiresInDays is { } days)
        {
            checks.Within("expiresInDays", days, 1, MostDays);
        }

        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        var (id, secret) = (Tokens.NewId("key", time), ApiKeys.NewSecret());
        return await transactions.Run<NewKey>(async connection =>
        {
            await connection.Execute(
                "INSERT INTO api_keys (public_id, name, secret_hash, prefix, scopes, created_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 day')",
                cancel, id, name, ApiKeys.Hash(secret), secret[..ApiKeys.PrefixCharacters], wanted, actor.Name, new NpgsqlParameter<int?> { TypedValue = expiresInDays, NpgsqlDbType = NpgsqlDbType.Integer });
            await connection.Audit(actor, "key.created", "key", id, cancel, after: new { Name = name, Scopes = wanted, ExpiresInDays = expiresInDays });
            return new NewKey(id, secret);
        }, cancel);
    }
}
