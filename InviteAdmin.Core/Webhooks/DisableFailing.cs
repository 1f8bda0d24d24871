using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Webhooks;

/// <summary>Switches an endpoint off that says it is gone, or to which nothing succeeded for three days, and tells the owners by mail. What was not delivered waits and can be sent again.</summary>
public sealed class DisableFailing(Transactions transactions)
{
    private static readonly string[] Roles = [Role.Owner, Role.Developer];

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
        await Tell(connection, one.Id, one.Step, new Uri(one.Url).Host, gone ? Gone : Long, cancel);
        return true;
    }, cancel);

    private static Task Tell(NpgsqlConnection connection, string id, int step, string host, string reason, CancellationToken cancel) => connection.Execute(
        """
        INSERT INTO outbox (template, dedupe_key, recipient, payload, due_at)
        SELECT DISTINCT 'webhook_disabled', 'webhook_disabled:' || $1 || ':' || $2 || ':' || u.id, u.email, jsonb_build_object('name', u.display_name, 'host', $3::text, 'reason', $4::text, 'webhook', $1), now()
        FROM staff_users u JOIN staff_user_roles x ON x.user_id = u.id JOIN staff_roles r ON r.id = x.role_id
        WHERE r.name = ANY($5) AND u.email IS NOT NULL AND coalesce(u.lockout_end, '-infinity') < now() + interval '1 day' ON CONFLICT DO NOTHING
        """,
        cancel, id, step, host, reason, Roles);
}
