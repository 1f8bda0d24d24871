using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Webhooks;

/// <summary>Changes an endpoint: what it hears of, whether it is on, and its secret.</summary>
public sealed class ChangeWebhook(Transactions transactions, WebhookSecrets secrets)
{
    /// <summary>How long a secret that was rotated out still signs, beside the new one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>Chooses events anew; null means all. What waits already is sent.</summary>
    public Task<Outcome<bool>> Choose(Actor actor, string webhookId, IReadOnlyList<string>? events, CancellationToken cancel)
    {
        var checks = new FieldChecks();
        var chosen = AddWebhook.Events(checks, events);
        return Run(actor, webhookId, checks.Failure, async (connection, found) =>
        {
            await connection.Execute("UPDATE webhook_endpoints SET events = $2::text[] WHERE public_id = $1", cancel, webhookId, chosen);
            await connection.Audit(actor, "webhook.events", "webhook", webhookId, cancel, before: new { found.Events }, after: new { Events = chosen });
            return true;
        }, cancel);
    }

    /// <summary>Off: nothing more is sent or queued; what waits goes on when it is on again.</summary>
    public Task<Outcome<bool>> Disable(Actor actor, string webhookId, string? reason, CancellationToken cancel)
    {
        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500);
        return Run(actor, webhookId, checks.Failure, async (connection, found) =>
        {
            if (!found.Disabled)
            {
                await connection.Execute("UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = $2, step = step + 1 WHERE public_id = $1", cancel, webhookId, reason ?? $"Switched off by {actor.Name}.");
                await connection.Audit(actor, "webhook.disabled", "webhook", webhookId, cancel, before: new { Enabled = true }, after: new { Enabled = false }, reason: reason);
            }

            return true;
        }, cancel);
    }

    /// <summary>On again. What happened meanwhile is not sent by itself: a replay does that.</summary>
    public Task<Outcome<bool>> Enable(Actor actor, string webhookId, CancellationToken cancel) => Run(actor, webhookId, null, async (connection, found) =>
    {
        if (found.Disabled)
        {
            await connection.Execute("UPDATE webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL, wait_until = NULL WHERE public_id = $1", cancel, webhookId);
            await connection.Audit(actor, "webhook.enabled", "webhook", webhookId, cancel, before: new { Enabled = false }, after: new { Enabled = true });
        }

        return true;
    }, cancel);

    /// <summary>A new secret. For 24 hours everything is signed with both, then with the new one alone; rotated again, the oldest ends at once.</summary>
    public Task<Outcome<NewWebhook>> Rotate(Actor actor, string webhookId, CancellationToken cancel) => Run(actor, webhookId, null, async (connection, _) =>
    {
        var secret = WebhookSecrets.New();
        await connection.Execute(
            "UPDATE webhook_endpoints SET old_secret = secret, old_secret_until = now() + $3::interval, secret = $2 WHERE public_id = $1", cancel, webhookId, secrets.Protect(secret), Overlap);
        await connection.Audit(actor, "webhook.rotated", "webhook", webhookId, cancel);
        return new NewWebhook(webhookId, secret);
    }, cancel);

    /// <summary>Removes the endpoint with what waits for it. Its id answers nothing any more.</summary>
    public Task<Outcome<bool>> Remove(Actor actor, string webhookId, CancellationToken cancel) => Run(actor, webhookId, null, async (connection, found) =>
    {
        // Its deliveries are many and go piece by piece later (WebhookQueue.Forget); the secrets go now.
        await connection.Execute("UPDATE webhook_endpoints SET removed_at = now(), secret = '', old_secret = NULL, old_secret_until = NULL WHERE public_id = $1", cancel, webhookId);
        await connection.Audit(actor, "webhook.removed", "webhook", webhookId, cancel, before: new { new Uri(found.Url).Host });
        return true;
    }, cancel);

    private async Task<Outcome<T>> Run<T>(Actor actor, string webhookId, Invalid? invalid, Func<NpgsqlConnection, Endpoint, Task<T>> change, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        return invalid is not null ? invalid : await transactions.Run<T>(async connection =>
            await Endpoint.Lock(connection, webhookId, cancel) is { } found ? await change(connection, found) : new NotFound("webhook"), cancel);
    }
}

/// <summary>An endpoint locked by whoever changes it or queues for it.</summary>
internal sealed record Endpoint(long Id, string Url, string[]? Events, bool Disabled)
{
    public static async Task<Endpoint?> Lock(NpgsqlConnection connection, string webhookId, CancellationToken cancel) => People.PlainText.IsClean(webhookId)
        ? (await connection.Query(
            "SELECT id, url, events, disabled_at IS NOT NULL FROM webhook_endpoints WHERE public_id = $1 AND removed_at IS NULL FOR NO KEY UPDATE",
            row => new Endpoint(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetFieldValue<string[]>(2), row.GetBoolean(3)), cancel, webhookId)).FirstOrDefault()
        : null;
}
