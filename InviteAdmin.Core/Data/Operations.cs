using System.Data.Common;
using InviteAdmin.Access;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>Long work as its page shows it. <c>Report</c> is JSON.</summary>
public sealed record OperationFacts(
    string Id, string Kind, string State, long Done, long Total, string? Report, string? Error, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, string CreatedBy);

/// <summary>An operation a runner holds.</summary>
public sealed record RunningOperation(long Id, string PublicId, string Kind, string Request, Actor Actor);

/// <summary>The table of long work: queued by a use case, claimed by one process at a time under a lease, taken over when that process dies.</summary>
public sealed class Operations(NpgsqlDataSource source, TimeProvider time)
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly string Process = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Queues work once per request key; the same key again answers with the first one's id.</summary>
    internal async Task<string> Queue(NpgsqlConnection connection, Actor actor, string kind, string requestKey, string request, CancellationToken cancel) =>
        (await connection.Scalar<string>(
            """
            INSERT INTO operations (public_id, kind, state, request_key, request, actor_kind, actor_id, actor_name, done, total)
            VALUES ($1, $2, 'queued', $3, $4::jsonb, $5, $6, $7, 0, 0)
            ON CONFLICT (request_key) DO UPDATE SET request_key = excluded.request_key RETURNING public_id
            """,
            cancel, Tokens.NewId("op", time), kind, requestKey, request, actor.Kind, actor.Id, actor.Name))!;

    public async Task<OperationFacts?> Find(string operationId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            "SELECT public_id, kind, state, done, total, report::text, error, created_at, finished_at, actor_name FROM operations WHERE public_id = $1", Read, cancel, operationId)).FirstOrDefault();
    }

    public async Task<IReadOnlyList<OperationFacts>> Latest(string kind, int most, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            "SELECT public_id, kind, state, done, total, report::text, error, created_at, finished_at, actor_name FROM operations WHERE kind = $1 ORDER BY id DESC LIMIT $2", Read, cancel, kind, most);
    }

    /// <summary>Claims the oldest queued operation, or one whose process died; null when there is none.</summary>
    public async Task<RunningOperation?> Claim(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await FaultPoints.Pass(FaultPoints.BeforeCommit, "ClaimOperation");
        var claimed = await connection.Query(
            """
            UPDATE operations SET state = 'running', process = $1, started_at = coalesce(started_at, now()), lease_until = now() + $2::interval
            WHERE id = (SELECT id FROM operations WHERE state = 'queued' OR state = 'running' AND lease_until < now() ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, public_id, kind, request::text, actor_kind, actor_id, actor_name
            """,
            row => new RunningOperation(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3),
                Actor.System with { Kind = row.GetString(4), Id = row.GetString(5), Name = row.GetString(6) }),
            cancel, Process, Lease);
        await FaultPoints.Pass(FaultPoints.AfterCommit, "ClaimOperation");
        return claimed.FirstOrDefault();
    }

    /// <summary>
    /// Notes progress and extends the lease, in the transaction of the work it reports. False when another process has taken
    /// over: the work must then be rolled back.
    /// </summary>
    internal static async Task<bool> Progress(NpgsqlConnection connection, long id, long done, long total, CancellationToken cancel) =>
        await connection.Execute(
            "UPDATE operations SET done = $2, total = $3, lease_until = now() + $4::interval WHERE id = $1 AND state = 'running' AND process = $5", cancel, id, done, total, Lease, Process) == 1;

    internal static Task Finish(NpgsqlConnection connection, long id, string report, CancellationToken cancel) =>
        connection.Execute("UPDATE operations SET state = 'done', done = total, report = $2::jsonb, finished_at = now(), lease_until = NULL WHERE id = $1", cancel, id, report);

    /// <summary>Ends it as failed, unless another process has taken it over.</summary>
    internal async Task Fail(long id, string error, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await connection.Execute("UPDATE operations SET state = 'failed', error = $2, finished_at = now(), lease_until = NULL WHERE id = $1 AND state = 'running' AND process = $3", cancel, id, error, Process);
    }

    /// <summary>Keeps the lease while one step of the work takes long; a frozen or dead process stops doing so.</summary>
    internal async Task KeepAlive(long id, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Lease / 3, time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            await connection.Execute("UPDATE operations SET lease_until = now() + $2::interval WHERE id = $1 AND state = 'running' AND process = $3", cancel, id, Lease, Process);
        }
    }

    private static OperationFacts Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.Text(5), row.Text(6), row.GetFieldValue<DateTimeOffset>(7), row.Time(8), row.GetString(9));
}
