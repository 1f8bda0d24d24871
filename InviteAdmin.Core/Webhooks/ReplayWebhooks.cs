using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Webhooks;

/// <summary>
/// Sends again everything that happened since a moment and that the endpoint listens to, delivered or not, with the same ids: durable work, queued piece by piece, and gone on with by whoever
/// takes it over.
/// </summary>
public sealed class ReplayWebhooks(Transactions transactions, Operations operations, TimeProvider time)
{
    public const string Kind = "webhook-replay";
    private const int Piece = 1_000;

    /// <summary>The operation's id.</summary>
    /// <param name="since">At most thirty days back, which is as long as events are kept.</param>
    /// <param name="requestKey">The same key starts it once.</param>
    public async Task<Outcome<string>> Start(Actor actor, string webhookId, DateTimeOffset? since, string requestKey, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        var (checks, now) = (new FieldChecks(), time.GetUtcNow());
        if (since?.ToUniversalTime() is not { } from)
        {
            checks.Refuse("since", "Since is needed: a time like 2026-11-22T09:30:00Z.");
            return checks.Failure!;
        }

        checks.Moment("since", from, now, TimeSpan.FromDays(WebhookQueue.KeptDays));
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<string>(async connection =>
        {
            if (await Endpoint.Lock(connection, webhookId, cancel) is not { } endpoint)
            {
                return new NotFound("webhook");
            }

            if (endpoint.Disabled)
            {
                return new WebhookOff();
            }

            var request = JsonSerializer.Serialize(new ReplayRequest(webhookId, from, now), JsonSerializerOptions.Web);
            var id = await operations.Queue(connection, actor, Kind, $"{Kind}:{requestKey}", request, cancel);
            await connection.Audit(actor, "webhook.replayed", "webhook", webhookId, cancel, after: new { Since = from, Operation = id });
            return id;
        }, cancel);
    }

    internal async Task Run(RunningOperation operation, CancellationToken cancel)
    {
        var request = JsonSerializer.Deserialize<ReplayRequest>(operation.Request, JsonSerializerOptions.Web)!;
        for (var more = true; more;)
        {
            more = await transactions.Run(async connection =>
            {
                // Where it stands is part of its row, so that a takeover goes on there.
                var (done, known, upTo) = (await connection.Query(
                    "SELECT done, total, coalesce((report ->> 'upTo')::bigint, 0) FROM operations WHERE id = $1", row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancel, operation.Id))[0];
                var total = done > 0 ? known : await connection.Scalar<long>($"SELECT count(*) {EventsSql}", cancel, request.WebhookId, request.Since, request.Until, 0L);
                var (queued, last) = (await connection.Query(PieceSql, row => (row.GetInt64(0), row.GetInt64(1)), cancel, request.WebhookId, request.Since, request.Until, upTo))[0];
                if (!await Operations.Progress(connection, operation.Id, done + queued, Math.Max(total, done + queued), cancel))
                {
                    throw new WorkTakenOver();
                }

                if (queued < Piece)
                {
                    await Operations.Progress(connection, operation.Id, done + queued, done + queued, cancel);
                    await Operations.Finish(connection, operation.Id, JsonSerializer.Serialize(new ReplayReport(request.WebhookId, done + queued), JsonSerializerOptions.Web), cancel);
                    return false;
                }

                await connection.Execute("UPDATE operations SET report = jsonb_build_object('upTo', $2) WHERE id = $1", cancel, operation.Id, last);
                return true;
            }, cancel);
        }
    }

    private sealed record ReplayRequest(string WebhookId, DateTimeOffset Since, DateTimeOffset Until);

    private sealed record ReplayReport(string WebhookId, long Events);

    // An invitation that may still be undone is not announced by a replay either.
    private const string EventsSql =
        """
        FROM webhook_endpoints w JOIN webhook_events e ON e.only_endpoint_id IS NULL AND (w.events IS NULL OR e.type = ANY (w.events))
        WHERE w.public_id = $1 AND w.removed_at IS NULL AND e.at >= $2 AND e.at <= $3 AND e.id > $4 AND coalesce(e.due_at, '-infinity') <= now()
        """;

    private static readonly string PieceSql =
        $"""
        WITH piece AS MATERIALIZED (
          SELECT w.id AS endpoint_id, e.id, e.type, e.subject {EventsSql} ORDER BY e.id LIMIT {Piece}
        ), queued AS (
          INSERT INTO webhook_deliveries AS d (endpoint_id, event_id, type, subject, due_at) SELECT endpoint_id, id, type, subject, now() FROM piece ORDER BY id
          ON CONFLICT (event_id, endpoint_id) DO UPDATE SET state = 'pending', due_at = now(), delivered_at = NULL, attempts = CASE WHEN d.lease_until IS NULL THEN 0 ELSE d.attempts END
          RETURNING 1
        )
        SELECT (SELECT count(*) FROM queued), coalesce((SELECT max(id) FROM piece), $4)
        """;
}
