using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Outbox;

namespace InviteAdmin.Webhooks;

/// <summary>Switches an endpoint off that says it is gone, or to which nothing succeeded for three days, and tells the owners by mail. What was not delivered waits and can be sent again.</summary>
public sealed class DisableFailing(Transactions transactions)
{
    internal const string Gone = "It answered 410: it is gone.";
    internal const string Long = "Nothing could be delivered to it for three days.";

    /// <summary>True when this call switched it off.</summary>
    internal Task<bool> Check(long endpoint, bool gone, CancellationToken cancel) => transactions.Run(async connection =>
    {
        var off = await connection.Query(
            """
            UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = $2, step = step + 1
            WHERE id = $1 AND disabled_at IS NULL AND removed_at IS NULL AND ($3 OR failing_since < now() - $4::interval) RETURNING public_id, url, step
            """,
            row => (Id: row.GetString(0), Url: row.GetString(1), Step: row.GetInt32(2)), cancel, endpoint, gone ? Gone : Long, gone, WebhookSchedule.LongFailing);
        if (off is not [var one])
        {
            return false;
        }

        await connection.Audit(Actor.System, "webhook.disabled", "webhook", one.Id, cancel, after: new { Enabled = false }, reason: gone ? Gone : Long);
        await StaffMail.Tell(connection, "webhook_disabled", $"{one.Id}:{one.Step}", $"The webhook to {new Uri(one.Url).Host} was switched off. {(gone ? Gone : Long)}", $"/webhooks/{one.Id}", Permission.Integrate, cancel);
        return true;
    }, cancel);
}
