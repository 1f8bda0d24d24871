using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Access;

/// <summary>A key as the Developers page lists it. State: active, expired or revoked. The previous secret is named while it works.</summary>
public sealed record KeyRow(
    string Id, string Name, string Prefix, IReadOnlyList<string> Scopes, string State, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? EndedAt, string? RevokedBy,
    DateTimeOffset? LastUsedAt, string? PreviousPrefix, DateTimeOffset? PreviousUntil, DateTimeOffset? PreviousUsedAt);

/// <summary>Reads of API keys; no secret is among what is stored.</summary>
public sealed class KeyQueries(NpgsqlDataSource source)
{
    private const int Most = 200;

    /// <summary>Live ones first, then the newest.</summary>
    public async Task<IReadOnlyList<KeyRow>> All(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            $"""
            SELECT public_id, name, prefix, scopes, state, created_by, created_at, expires_at, CASE state WHEN 'revoked' THEN revoked_at WHEN 'expired' THEN expires_at END, revoked_by, last_used_at,
              CASE WHEN old THEN previous_prefix END, CASE WHEN old THEN previous_until END, CASE WHEN old THEN previous_used_at END
            FROM (SELECT *, CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'active' END AS state,
                coalesce(previous_until > now() AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()), false) AS old FROM api_keys) k
            ORDER BY state <> 'active', id DESC LIMIT {Most}
            """,
            row => new KeyRow(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), row.GetString(4), row.GetString(5), row.GetFieldValue<DateTimeOffset>(6), row.Time(7), row.Time(8),
                row.Text(9), row.Time(10), row.Text(11), row.Time(12), row.Time(13)), cancel);
    }
}
