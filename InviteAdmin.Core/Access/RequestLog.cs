using System.Threading.Channels;
using InviteAdmin.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace InviteAdmin.Access;

/// <summary>A request of the API as it was noted when its answer had been made.</summary>
/// <param name="Route">The address with names in place of what stands in it, as in /api/v1/codes/{code}.</param>
/// <param name="Path">The address as it may be kept: no codes, tokens or addresses.</param>
/// <param name="Problem">The slug of the problem it was answered with.</param>
/// <param name="Body">As it came, when it is short enough; it is redacted before it is written.</param>
/// <param name="Length">Bytes of the whole body.</param>
public sealed record NotedRequest(
    DateTimeOffset At, double Milliseconds, string Method, string Route, string Path, int Status, string? Problem, string? KeyId, string? IdempotencyKey, bool Replayed, string RequestId,
    ReadOnlyMemory<byte>? Body, long Length);

/// <summary>
/// The log of requests, written once a second in one statement that nobody waits for. Noting one is a write to a bounded channel: when requests come faster than the log
/// is meant to take, the successful ones are left out first and all that are left out are counted. The log is for the eye: it may lose its last second.
/// </summary>
public sealed class RequestLog(NpgsqlDataSource source, TimeProvider time, ILogger<RequestLog> log) : BackgroundService
{
    /// <summary>So many are written a second, half of them at most successful ones.</summary>
    public const int MostASecond = 1_000;

    public const int KeptDays = 7;

    /// <summary>Older ones go before their days are over.</summary>
    public const int MostKept = 1_000_000;

    private const int SweepBatch = 10_000;
    private const int LongestText = 300;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Channel<NotedRequest> _noted = Channel.CreateBounded<NotedRequest>(new BoundedChannelOptions(MostASecond) { SingleReader = true });
    private long _missed;

    /// <summary>Whether a successful request would be written now, so that nobody copies a body for nothing.</summary>
    public bool HasRoom => _noted.Reader.Count < MostASecond / 2;

    /// <summary>Never waits.</summary>
    public void Note(NotedRequest request)
    {
        if ((request.Status < 400 && !HasRoom) || !_noted.Writer.TryWrite(request))
        {
            Interlocked.Increment(ref _missed);
        }
    }

    /// <summary>Writes what was noted since the last time. What cannot be written is counted as missed. Returns how many were written.</summary>
    public async Task<int> Write(CancellationToken cancel)
    {
        var requests = new List<NotedRequest>();
        while (requests.Count < MostASecond && _noted.Reader.TryRead(out var request))
        {
            requests.Add(request);
        }

        var missed = Interlocked.Exchange(ref _missed, 0);
        if (requests.Count == 0 && missed == 0)
        {
            return 0;
        }

        try
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            await using var batch = new NpgsqlBatch(connection);
            // Its commit waits for no disk: a crash may cost the log what a slow disk would cost everybody.
            batch.BatchCommands.Add(Sql.BatchCommand("SELECT set_config('synchronous_commit', 'off', true)"));
            if (requests.Count > 0)
            {
                batch.BatchCommands.Add(Sql.BatchCommand(
                    InsertSql,
                    requests.Select(r => r.At).ToArray(), requests.Select(r => (float)r.Milliseconds).ToArray(), requests.Select(r => r.Method).ToArray(), requests.Select(r => r.Route).ToArray(),
                    requests.Select(r => Short(r.Path)).ToArray(), requests.Select(r => (short)r.Status).ToArray(), requests.Select(r => r.Problem).ToArray(), requests.Select(r => r.KeyId).ToArray(),
                    requests.Select(r => RedactedBody.Plain(r.IdempotencyKey)).ToArray(), requests.Select(r => r.Replayed).ToArray(), requests.Select(r => r.RequestId).ToArray(),
                    requests.Select(r => RedactedBody.Of(r.Body, r.Length)).ToArray()));
            }

            if (missed > 0)
            {
                batch.BatchCommands.Add(Sql.BatchCommand(
                    "INSERT INTO request_log_missed AS m (hour, requests) VALUES (date_trunc('hour', now()), $1) ON CONFLICT (hour) DO UPDATE SET requests = m.requests + excluded.requests", missed));
            }

            await batch.ExecuteNonQueryAsync(cancel);
            return requests.Count;
        }
        catch
        {
            Interlocked.Add(ref _missed, missed + requests.Count);
            throw;
        }
    }

    /// <summary>Forgets what is older than <see cref="KeptDays"/> or beyond <see cref="MostKept"/>, in batches; returns how many went.</summary>
    public async Task<int> Sweep(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var swept = 0;
        // By the order of their ids, which is that of their writing; only the oldest are looked at.
        for (var last = SweepBatch; last == SweepBatch; swept += last)
        {
            last = await connection.Execute(
                """
                DELETE FROM request_log WHERE id IN (
                  SELECT id FROM (SELECT id, at FROM request_log ORDER BY id LIMIT $1) oldest
                  WHERE at < now() - $2 * interval '1 day' OR id <= (SELECT max(id) FROM request_log) - $3)
                """, cancel, SweepBatch, KeptDays, MostKept);
        }

        await connection.Execute("DELETE FROM request_log_missed WHERE hour < now() - $1 * interval '1 day'", cancel, KeptDays);
        return swept;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
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

    private async Task Try(CancellationToken cancel)
    {
        try
        {
            await Write(cancel);
        }
        catch (Exception fault)
        {
            log.LogDebug(fault, "Requests could not be noted; how many is told when the database answers again.");
        }
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";

    private const string InsertSql =
        """
        INSERT INTO request_log (at, ms, method, route, path, status, problem, key_id, idempotency_key, replayed, request_id, body)
        SELECT * FROM unnest($1::timestamptz[], $2::real[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::text[], $12::text[])
        """;
}
