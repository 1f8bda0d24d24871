using System.Security.Cryptography;
using System.Text;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Access;

/// <summary>Looks keys up by their secret. A fast hash is enough, because the secret is 260 random bits and not a password.</summary>
public sealed class ApiKeys(NpgsqlDataSource source)
{
    public const int PrefixCharacters = 9;
    private const string Mark = "ia_";
    private const int MostCharacters = 200;

    /// <summary>The live key with this secret, or null. Notes when it was last used, at most once a minute.</summary>
    public async Task<ApiKey?> Find(string secret, CancellationToken cancel)
    {
        if (secret.Length > MostCharacters || !secret.StartsWith(Mark, StringComparison.Ordinal))
        {
            return null;
        }

        var hash = Hash(secret);
        await using var connection = await source.OpenConnectionAsync(cancel);
        var found = await connection.Query(
            """
            SELECT id, public_id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, coalesce(last_used_at < now() - interval '1 minute', true)
            FROM api_keys WHERE secret_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
            """,
            row => (Stale: row.GetBoolean(9), Key: new ApiKey
            {
                Id = row.GetInt64(0),
                PublicId = row.GetString(1),
                Name = row.GetString(2),
                SecretHash = hash,
                Prefix = row.GetString(3),
                Scopes = row.GetFieldValue<string[]>(4),
                CreatedBy = row.GetString(5),
                CreatedAt = row.GetFieldValue<DateTimeOffset>(6),
                ExpiresAt = row.Time(7),
                LastUsedAt = row.Time(8),
            }), cancel, hash);
        if (found.Count == 0)
        {
            return null;
        }

        if (found[0].Stale)
        {
            await connection.Execute(
                "UPDATE api_keys SET last_used_at = now() WHERE id = $1 AND coalesce(last_used_at < now() - interval '1 minute', true)", cancel, found[0].Key.Id);
        }

        return found[0].Key;
    }

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    internal static string NewSecret() => Mark + Tokens.Random(52);
}
