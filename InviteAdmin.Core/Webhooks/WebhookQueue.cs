using System.Data.Common;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Webhooks;

/// <summary>A delivery this process holds, with what it needs to be sent. The secrets are as stored.</summary>
internal sealed record ClaimedWebhook(
    long Id, long EndpointId, Guid Lease, int Attempt, string Url, string Secret, string? OldSecret, string EventId, string Type, DateTimeOffset At, string Data);

/// <summary>How a try ended and what becomes of the delivery: delivered, pending after <c>Wait</c>, or dead.</summary>
/// <param name="Rest">How long the endpoint asked to be left alone.</param>
internal sealed record FinishedWebhook(ClaimedWebhook Claimed, WebhookAnswer Answer, string State, TimeSpan Wait, TimeSpan? Rest, DateTimeOffset SignedAt, int Milliseconds);

/// <summary>
/// The deliveries as a queue for any number of processes: claimed with SKIP LOCKED under a lease with a fence, of every endpoint only so many at a time,
/// and of a person's events the earlier first. Each statement is a commit of its own.
/// </summary>
public sealed class WebhookQueue(NpgsqlDataSource source)
{
    /// <summary>From this try on an event no longer holds up the later ones of its subject.</summary>
    public const int OrderedTries = 5;

    /// <summary>How many deliveries of one endpoint a process has in the air at once.</summary>
    public const int AtOnce = 8;

    private static readonly string Process = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Takes what is due, of each endpoint as many as there is room for.</summary>
    /// <param name="busy">How many of an endpoint are in the air already; an endpoint that has been failing for a minute is asked one at a time.</param>
    internal async Task<IReadOnlyList<ClaimedWebhook>> Claim(IReadOnlyDictionary<long, int> busy, TimeSpan lease, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await FaultPoints.Pass(FaultPoints.BeforeCommit, "ClaimWebhook");
        var claimed = await connection.Query(ClaimSql, Read, cancel, busy.Keys.ToArray(), busy.Values.ToArray(), lease, Guid.NewGuid());
        await FaultPoints.Pass(FaultPoints.AfterCommit, "ClaimWebhook");
        return claimed;
    }

    /// <summary>Writes down how a try ended. False when its lease was no longer ours: then nothing is written.</summary>
    internal async Task<bool> Finish(FinishedWebhook done, CancellationToken cancel)
    {
        var (claimed, answer) = (done.Claimed, done.Answer);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await FaultPoints.Pass(FaultPoints.BeforeCommit, "FinishWebhook");
        var mine = await connection.Scalar<bool>(
            FinishSql, cancel, claimed.Id, claimed.Lease, done.State, done.Wait, answer.Succeeded,
            new NpgsqlParameter<int?> { TypedValue = answer.Status, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer }, Nullable(answer.Error), done.Milliseconds, claimed.Url, done.SignedAt, Nullable(answer.Text), Process,
            claimed.EndpointId, new NpgsqlParameter<TimeSpan?> { TypedValue = done.Rest, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Interval });
        await FaultPoints.Pass(FaultPoints.AfterCommit, "FinishWebhook");
        return mine;
    }

    /// <summary>Hands back what was claimed and not tried; the claim does not count as a try.</summary>
    internal async Task GiveBack(ClaimedWebhook claimed, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await connection.Execute("UPDATE webhook_deliveries SET lease_until = NULL, lease_token = NULL, attempts = attempts - 1 WHERE id = $1 AND lease_token = $2", cancel, claimed.Id, claimed.Lease);
    }

    /// <summary>Frees deliveries whose process died or froze. The try counts: nobody knows whether it arrived.</summary>
    public async Task<int> Sweep(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Execute("UPDATE webhook_deliveries SET lease_until = NULL, lease_token = NULL WHERE lease_until < now()", cancel);
    }

    /// <summary>Forgets what is older than thirty days, what an endpoint had that was removed, and secrets whose time is over.</summary>
    /// <returns>Whether there is more to forget.</returns>
    public async Task<bool> Forget(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await connection.Execute("UPDATE webhook_endpoints SET old_secret = NULL, old_secret_until = NULL WHERE old_secret_until < now()", cancel);
        var orphans = await connection.Execute("DELETE FROM webhook_deliveries WHERE id IN (SELECT d.id FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id WHERE w.removed_at IS NOT NULL LIMIT 1000)", cancel);
        var old = await connection.Execute($"DELETE FROM webhook_events WHERE id IN (SELECT id FROM webhook_events WHERE at < now() - interval '{KeptDays} days' ORDER BY at LIMIT 1000)", cancel);
        return orphans + old > 0;
    }

    /// <summary>How long events, deliveries and tries are kept, and how far back a replay reaches.</summary>
    public const int KeptDays = 30;

    private static NpgsqlParameter Nullable(string? text) => new NpgsqlParameter<string?> { TypedValue = text, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    private static ClaimedWebhook Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetGuid(2), row.GetInt32(3), row.GetString(4), row.GetString(5), row.Text(6), row.GetString(7), row.GetString(8), row.GetFieldValue<DateTimeOffset>(9), row.GetString(10));

    private static readonly string ClaimSql =
        $"""
        WITH picked AS MATERIALIZED (
          SELECT p.id FROM webhook_endpoints w
          LEFT JOIN (SELECT * FROM unnest($1::bigint[], $2::integer[]) AS b(id, n)) b ON b.id = w.id
          CROSS JOIN LATERAL (
            SELECT d.id FROM webhook_deliveries d
            WHERE d.endpoint_id = w.id AND d.state = 'pending' AND d.lease_until IS NULL AND d.due_at <= now()
              AND NOT EXISTS (
                SELECT 1 FROM webhook_deliveries p WHERE p.endpoint_id = w.id AND p.subject = d.subject AND p.event_id < d.event_id AND p.state = 'pending'
                  AND (p.attempts < {OrderedTries} OR p.lease_until IS NOT NULL))
            ORDER BY d.due_at, d.id LIMIT greatest(0, CASE WHEN w.failing_since < now() - interval '1 minute' THEN 1 ELSE {AtOnce} END - coalesce(b.n, 0)) FOR UPDATE SKIP LOCKED) p
          WHERE w.removed_at IS NULL AND w.disabled_at IS NULL AND coalesce(w.wait_until, '-infinity') <= now()
        )
        UPDATE webhook_deliveries d SET lease_until = now() + $3::interval, lease_token = $4, attempts = d.attempts + 1
        FROM picked x, webhook_endpoints w, webhook_events e
        WHERE d.id = x.id AND d.state = 'pending' AND d.lease_until IS NULL AND w.id = d.endpoint_id AND e.id = d.event_id
        RETURNING d.id, d.endpoint_id, d.lease_token, d.attempts, w.url, w.secret, CASE WHEN w.old_secret_until > now() THEN w.old_secret END, e.public_id, e.type, e.at, e.data::text
        """;

    // The endpoint's row is written only when something about it changes: a success after failures, a first failure, a wait.
    private const string FinishSql =
        """
        WITH done AS (
          UPDATE webhook_deliveries
          SET state = $3, lease_until = NULL, lease_token = NULL, due_at = CASE WHEN $3 = 'pending' THEN now() + $4::interval ELSE due_at END, delivered_at = CASE WHEN $3 = 'delivered' THEN now() END
          WHERE id = $1 AND lease_token = $2 RETURNING id
        ), noted AS (
          INSERT INTO webhook_attempts (delivery_id, endpoint_id, succeeded, status, error, milliseconds, url, signed_at, answer, process)
          SELECT id, $13, $5, $6, $7, $8, $9, $10, $11, $12 FROM done
        ), endpoint AS (
          UPDATE webhook_endpoints w
          SET failing_since = CASE WHEN $5 THEN NULL ELSE coalesce(failing_since, now()) END, wait_until = CASE WHEN $5 THEN NULL ELSE greatest(wait_until, now() + $14::interval) END
          WHERE w.id = $13 AND EXISTS (SELECT 1 FROM done) AND CASE WHEN $5 THEN failing_since IS NOT NULL OR wait_until IS NOT NULL ELSE failing_since IS NULL OR $14::interval IS NOT NULL END
        )
        SELECT EXISTS (SELECT 1 FROM done)
        """;
}
