using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>
/// The answers kept for repeated requests. A caller's key is held by an advisory lock while its request runs and stored in
/// the transaction of the request's effect, so that a crash leaves neither.
/// </summary>
public sealed class IdempotencyKeys(NpgsqlDataSource source)
{
    private const int SweepBatch = 10_000;

    /// <summary>Holds the caller's key until the transaction ends; false when another request holds it.</summary>
    public static Task<bool> Hold(NpgsqlConnection connection, string caller, string key, CancellationToken cancel) =>
        connection.Scalar<bool>("SELECT pg_try_advisory_xact_lock($1)", cancel,
            BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}"))));

    /// <summary>The answer stored in the last 24 hours, or null.</summary>
    public static async Task<IdempotencyKey?> Find(NpgsqlConnection connection, string caller, string key, CancellationToken cancel) =>
        (await connection.Query(
            """
            SELECT request_hash, status, content_type, location, body, created_at FROM idempotency_keys
            WHERE caller = $1 AND key = $2 AND created_at > now() - interval '24 hours'
            """,
            row => new IdempotencyKey
            {
                Caller = caller,
                Key = key,
                RequestHash = row.GetFieldValue<byte[]>(0),
                Status = row.GetInt32(1),
                ContentType = row.Text(2),
                Location = row.Text(3),
                Body = row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4),
                CreatedAt = row.GetFieldValue<DateTimeOffset>(5),
            }, cancel, caller, key)).FirstOrDefault();

    /// <summary>Stores an answer in the caller's transaction, in place of one that is older than a day.</summary>
    public static Task Store(NpgsqlConnection connection, IdempotencyKey answer, CancellationToken cancel) => connection.Execute(
        """
        INSERT INTO idempotency_keys (caller, key, request_hash, status, content_type, location, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (caller, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status, content_type = excluded.content_type,
          location = excluded.location, body = excluded.body, created_at = now()
        """,
        cancel, answer.Caller, answer.Key, answer.RequestHash, answer.Status, answer.ContentType, answer.Location, answer.Body);

    /// <summary>Deletes what is older than a day, in batches; returns how many.</summary>
    public async Task<int> Sweep(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var swept = 0;
        for (var last = SweepBatch; last == SweepBatch; swept += last)
        {
            last = await connection.Execute(
                """
                DELETE FROM idempotency_keys WHERE ctid = ANY(ARRAY(
                  SELECT ctid FROM idempotency_keys WHERE created_at <= now() - interval '24 hours' ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED))
                """, cancel, SweepBatch);
        }

        return swept;
    }
}
