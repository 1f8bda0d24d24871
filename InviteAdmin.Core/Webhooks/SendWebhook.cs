using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Webhooks;

/// <summary>The endpoint is off, so that nothing can be sent to it.</summary>
public sealed record WebhookOff() : Failure("webhook-off", "The endpoint is off. Switch it on first.");

/// <summary>An event queued for one endpoint by hand.</summary>
public sealed record QueuedWebhook(long DeliveryId, string EventId);

/// <summary>Sends by hand: a test event, or a delivery again.</summary>
public sealed class SendWebhook(Transactions transactions)
{
    /// <summary>Queues an event of type webhook.test for this endpoint alone, whatever it listens to.</summary>
    public Task<Outcome<QueuedWebhook>> Test(Actor actor, string webhookId, CancellationToken cancel) => Run<QueuedWebhook>(actor, webhookId, async (connection, endpoint) =>
    {
        var (id, eventId) = (await connection.Query(
            """
            INSERT INTO webhook_events (type, subject, data, only_endpoint_id)
            VALUES ($1, 'test:' || gen_random_uuid(), jsonb_build_object('message', 'A test from InviteAdmin. Nothing has happened.', 'webhookId', $2), $3) RETURNING id, public_id
            """,
            row => (row.GetInt64(0), row.GetString(1)), cancel, WebhookEvent.Test, webhookId, endpoint.Id))[0];
        await connection.Audit(actor, "webhook.tested", "webhook", webhookId, cancel);
        return new QueuedWebhook(await connection.Scalar<long>("SELECT id FROM webhook_deliveries WHERE event_id = $1", cancel, id), eventId);
    }, cancel);

    /// <summary>Sends one delivery again, with the same id and body, whatever became of it. One that is in the air stays as it is.</summary>
    public Task<Outcome<QueuedWebhook>> Resend(Actor actor, string webhookId, long deliveryId, CancellationToken cancel) => Run<QueuedWebhook>(actor, webhookId, async (connection, endpoint) =>
    {
        var found = await connection.Query(
            """
            UPDATE webhook_deliveries d SET state = 'pending', due_at = now(), delivered_at = NULL, attempts = CASE WHEN d.lease_until IS NULL THEN 0 ELSE d.attempts END
            FROM webhook_events e WHERE d.id = $1 AND d.endpoint_id = $2 AND e.id = d.event_id RETURNING e.public_id
            """,
            row => row.GetString(0), cancel, deliveryId, endpoint.Id);
        if (found is not [var eventId])
        {
            return new NotFound("delivery");
        }

        await connection.Audit(actor, "webhook.resent", "webhook", webhookId, cancel, after: new { Delivery = deliveryId.ToString(CultureInfo.InvariantCulture) });
        return new QueuedWebhook(deliveryId, eventId);
    }, cancel);

    private async Task<Outcome<T>> Run<T>(Actor actor, string webhookId, Func<NpgsqlConnection, Endpoint, Task<Outcome<T>>> send, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<T>(async connection => await Endpoint.Lock(connection, webhookId, cancel) switch
        {
            null => new NotFound("webhook"),
            { Disabled: true } => new WebhookOff(),
            var endpoint => await send(connection, endpoint),
        }, cancel);
    }
}
