using InviteAdmin.Access;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>Tells by mail that the plan is held: everybody who may let it go on, once each time.</summary>
internal static class HeldMail
{
    private static readonly string[] Roles = [.. Role.All.Where(r => Role.Permissions(r).Contains(Permission.Release))];

    /// <param name="step">The plan's step, which a halt has but once.</param>
    public static Task Tell(NpgsqlConnection connection, long plan, int step, string reason, CancellationToken cancel) => connection.Execute(
        """
        INSERT INTO outbox (template, dedupe_key, recipient, payload, due_at)
        SELECT DISTINCT 'rollout_held', 'rollout_held:' || $1 || ':' || $2 || ':' || u.id, u.email, jsonb_build_object('name', u.display_name, 'reason', $3::text), now()
        FROM staff_users u JOIN staff_user_roles x ON x.user_id = u.id JOIN staff_roles r ON r.id = x.role_id
        WHERE r.name = ANY($4) AND u.email IS NOT NULL AND coalesce(u.lockout_end, '-infinity') < now() + interval '1 day' ON CONFLICT DO NOTHING
        """,
        cancel, plan, step, reason, Roles);
}
