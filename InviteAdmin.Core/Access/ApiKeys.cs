using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using InviteAdmin.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace InviteAdmin.Access;

/// <summary>The live key a request came with.</summary>
/// <param name="Previous">It was sent with the secret from before the last roll.</param>
public sealed record KnownKey(long Id, string PublicId, string Name, IReadOnlyList<string> Scopes, bool Previous);

/// <summary>
/// Looks keys up by their secret. A fast hash is enough, because the secret is 260 random bits and not a password. A key that was found is trusted for two seconds, so that
/// a busy caller costs no query; a revoked one ends at once in the process that revoked it and within those two seconds in the others. When a key was last used is
/// noted in memory and written every ten seconds; a process that is killed loses the note of its last ones.
/// </summary>
public sealed class ApiKeys(NpgsqlDataSource source, TimeProvider time, ILogger<ApiKeys> log) : BackgroundService
{
    public const int PrefixCharacters = 9;

    /// <summary>How long another process may still let a revoked key in.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(2);

    private const string Mark = "ia_";
    private const int MostCharacters = 200;
    private static readonly TimeSpan NoteEvery = TimeSpan.FromSeconds(10);

    // Only keys that exist stand here, so that guesses cannot fill it.
    private readonly ConcurrentDictionary<UInt128, (KnownKey Key, long At)> _known = new();
    private readonly ConcurrentDictionary<(long Id, bool Previous), long> _used = new();

    /// <summary>The live key with this secret, or null.</summary>
    public async ValueTask<KnownKey?> Find(string secret, CancellationToken cancel)
    {
        if (secret.Length > MostCharacters || !secret.StartsWith(Mark, StringComparison.Ordinal))
        {
            return null;
        }

        var hash = Hash(secret);
        var handle = BinaryPrimitives.ReadUInt128BigEndian(hash);
        var now = time.GetTimestamp();
        if (!_known.TryGetValue(handle, out var known) || time.GetElapsedTime(known.At, now) > Trust)
        {
            if (await Read(hash, cancel) is not { } key)
            {
                _known.TryRemove(handle, out _);
                return null;
            }

            _known[handle] = known = (key, now);
        }

        _used[(known.Key.Id, known.Key.Previous)] = now;
        return known.Key;
    }

    /// <summary>Asks the database again for a key that was just changed.</summary>
    public void Forget(string publicId)
    {
        foreach (var (handle, known) in _known)
        {
            if (known.Key.PublicId == publicId)
            {
                _known.TryRemove(handle, out _);
            }
        }
    }

    /// <summary>Writes when keys were last used; what cannot be written is kept for the next time. Returns how many.</summary>
    public async Task<int> WriteUse(CancellationToken cancel)
    {
        // In the order of their ids, so that two processes that write at once cannot deadlock.
        var used = _used.OrderBy(u => u.Key).ToArray();
        if (used.Length == 0)
        {
            return 0;
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        await connection.Execute(
            """
            WITH used AS (SELECT * FROM unnest($1::bigint[], $2::boolean[], $3::interval[]) AS u(id, previous, ago)
            ), locked AS MATERIALIZED (SELECT id FROM api_keys WHERE id IN (SELECT id FROM used) ORDER BY id FOR NO KEY UPDATE)
            UPDATE api_keys k SET last_used_at = greatest(k.last_used_at, now() - x.ago), previous_used_at = greatest(k.previous_used_at, now() - x.previous_ago)
            FROM (SELECT u.id, min(u.ago) AS ago, min(u.ago) FILTER (WHERE u.previous) AS previous_ago FROM used u JOIN locked l ON l.id = u.id GROUP BY u.id) x WHERE k.id = x.id
            """, cancel, used.Select(u => u.Key.Id).ToArray(), used.Select(u => u.Key.Previous).ToArray(), used.Select(u => time.GetElapsedTime(u.Value)).ToArray());
        Array.ForEach(used, u => _used.TryRemove(u));
        return used.Length;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(NoteEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await Try(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            await Try(CancellationToken.None);
        }
    }

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    internal static string NewSecret() => Mark + Tokens.Random(52);

    private async Task Try(CancellationToken cancel)
    {
        try
        {
            await WriteUse(cancel);
        }
        catch (Exception fault)
        {
            log.LogDebug(fault, "When keys were used is written when the database answers again.");
        }
    }

    private async Task<KnownKey?> Read(byte[] hash, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            """
            SELECT id, public_id, name, scopes, false FROM api_keys WHERE secret_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
            UNION ALL
            SELECT id, public_id, name, scopes, true FROM api_keys WHERE previous_hash = $1 AND previous_until > now() AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
            """,
            row => new KnownKey(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), row.GetBoolean(4)), cancel, hash)).FirstOrDefault();
    }
}
