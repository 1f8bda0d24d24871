using InviteAdmin.Access;
using InviteAdmin.Outbox;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>Tells by mail that the plan is held: everybody who may let it go on, once each time.</summary>
internal static class HeldMail
{
    /// <param name="step">The plan's step, which a halt has but once.</param>
    public static Task Tell(NpgsqlConnection connection, long plan, int step, string reason, CancellationToken cancel) =>
        StaffMail.Tell(connection, "rollout_held", $"{plan}:{step}", reason, "/rollout", Permission.Release, cancel);
}
