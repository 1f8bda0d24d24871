using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>
/// The answers kept for repeated requests. A caller's key is held by an advisory lock while its request runs and stored in
/// the transaction of the request's effect, so that a crash leaves neither.
/// </summary>
public sealed class IdempotencyKeys(NpgsqlDataSource source)
{
    private const int SweepBatch = 10_000;

    /// <summary>
    /// Holds the keys until the transaction ends and looks for the answers of the last 24 hours, in one round trip. Refusal n
    /// belongs to key n; null means that its request is to run.
    /// </summary>
    internal static async Task<IReadOnlyList<Failure?>> Begin(NpgsqlConnection connection, IReadOnlyList<OnceKey> keys, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Sql.BatchCommand(
            "SELECT held, request_hash, status, content_type, location, body, created_at FROM hold_keys($1, $2, $3)",
            keys.Select(LockOf).ToArray(), keys.Select(k => k.Caller).ToArray(), keys.Select(k => k.Key).ToArray()));
        await batch.PrepareAsync(cancel);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var n = 0;
        var found = await reader.All(row => (Held: row.GetBoolean(0), Stored: Read(row, keys[n++])), cancel);
        // A session may hold a lock twice: of the same key in one batch only the first runs.
        var seen = new HashSet<(string, string)>();
        return [.. keys.Zip(found, (k, f) => k.Judge(f.Held && seen.Add((k.Caller, k.Key)), f.Stored))];
    }

    /// <summary>Stores answers in the caller's transaction, in place of those that are older than a day.</summary>
    internal static async Task Store(NpgsqlConnection connection, IReadOnlyList<IdempotencyKey> answers, CancellationToken cancel)
    {
        if (answers.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Sql.BatchCommand(
            """
            INSERT INTO idempotency_keys (caller, key, request_hash, status, content_type, location, body)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::integer[], $5::text[], $6::text[], $7::bytea[])
            ON CONFLICT (caller, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status, content_type = excluded.content_type,
              location = excluded.location, body = excluded.body, created_at = now()
            """,
            answers.Select(a => a.Caller).ToArray(), answers.Select(a => a.Key).ToArray(), answers.Select(a => a.RequestHash).ToArray(), answers.Select(a => a.Status).ToArray(),
            answers.Select(a => a.ContentType).ToArray(), answers.Select(a => a.Location).ToArray(), answers.Select(a => a.Body).ToArray()));
        await batch.PrepareAsync(cancel);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Holds the key of a request that has a transaction to itself.</summary>
    public static async Task<Failure?> Begin(NpgsqlConnection connection, OnceKey key, CancellationToken cancel) => (await Begin(connection, [key], cancel))[0];

    public static Task Store(NpgsqlConnection connection, IdempotencyKey answer, CancellationToken cancel) => Store(connection, [answer], cancel);

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

    private static long LockOf(OnceKey key) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{key.Caller}\n{key.Key}")));

    private static IdempotencyKey? Read(DbDataReader row, OnceKey of) => row.IsDBNull(1) ? null : new()
    {
        Caller = of.Caller,
        Key = of.Key,
        RequestHash = row.GetFieldValue<byte[]>(1),
        Status = row.GetInt32(2),
        ContentType = row.Text(3),
        Location = row.Text(4),
        Body = row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(6),
    };
}
