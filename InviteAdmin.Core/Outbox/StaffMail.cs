using InviteAdmin.Access;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>Tells colleagues that something needs them, once for each key: by mail everybody with an open account who may do something about it, and their chat when there is one.</summary>
public static class StaffMail
{
    /// <param name="template">rollout_held, mail_failed or webhook_disabled.</param>
    /// <param name="key">What it is about; the same again mails nobody twice.</param>
    /// <param name="reason">What happened, in a sentence. No secret and no address.</param>
    /// <param name="path">The page that shows it, below /admin.</param>
    public static Task Tell(NpgsqlConnection connection, string template, string key, string reason, string path, Permission permission, CancellationToken cancel) => connection.Execute(
        """
        INSERT INTO outbox (kind, template, dedupe_key, recipient, payload, due_at)
        SELECT DISTINCT 'mail', $1, $1 || ':' || $2 || ':' || u.id, u.email, jsonb_build_object('name', u.display_name, 'reason', $3::text, 'path', $4::text), now()
        FROM staff_users u JOIN staff_user_roles x ON x.user_id = u.id JOIN staff_roles r ON r.id = x.role_id
        WHERE r.name = ANY($5) AND u.email IS NOT NULL AND coalesce(u.lockout_end, '-infinity') < now() + interval '1 day'
        UNION ALL
        SELECT 'chat', $1, $1 || ':' || $2 || ':chat', NULL, jsonb_build_object('reason', $3::text, 'path', $4::text), now() FROM settings WHERE section = 'chat' AND saved ? 'address'
        ON CONFLICT DO NOTHING
        """,
        cancel, template, key, reason, path, Role.All.Where(r => Role.Permissions(r).Contains(permission)).ToArray());

    /// <summary>When mail to people has failed for good in the last hour: at most once an hour, however many processes ask.</summary>
    internal static async Task TellOfFailures(NpgsqlConnection connection, CancellationToken cancel)
    {
        // What staff were to be told and failed is not told of in turn.
        var failed = (await connection.Query(
            """
            SELECT count(*), to_char(date_trunc('hour', now() AT TIME ZONE 'UTC'), 'YYYYMMDDHH24') FROM outbox o
            WHERE o.state = 'dead' AND o.template NOT IN ('rollout_held', 'mail_failed', 'webhook_disabled', 'test')
              AND EXISTS (SELECT 1 FROM outbox_attempts a WHERE a.outbox_id = o.id AND a.outcome = 'dead' AND a.at > now() - interval '1 hour')
            """,
            row => (Count: row.GetInt64(0), Hour: row.GetString(1)), cancel))[0];
        if (failed.Count > 0)
        {
            await Tell(connection, "mail_failed", failed.Hour, failed.Count == 1 ? "One mail could not be delivered in the last hour." : $"{failed.Count} mails could not be delivered in the last hour.", "/emails?state=dead", Permission.Operate, cancel);
        }
    }
}
