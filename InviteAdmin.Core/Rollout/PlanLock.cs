using InviteAdmin.Data;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>The row lock on the current plan. Everything that takes seats takes it first, so that capacity is counted by one at a time.</summary>
internal static class PlanLock
{
    public sealed record Plan(long Id, string State, int? Capacity, string? PausedBy, string? Halted = null, bool Counting = false)
    {
        /// <summary>Why nobody may be invited at all; null when neither the plan nor a count of points stands in the way.</summary>
        public Failure? Refusal => State == "paused" || Halted is not null ? new RolloutPaused(PausedBy, Halted) : Counting ? new PointsBeingCounted() : null;
    }

    private const string Columns = "id, state, capacity, paused_by, CASE WHEN state = 'holding' AND waits_for = 'person' THEN held_reason END, counting IS NOT NULL";

    public static async Task<Plan> Take(NpgsqlConnection connection, CancellationToken cancel) =>
        (await connection.Query($"SELECT {Columns} FROM rollout_plans WHERE is_current FOR NO KEY UPDATE", Read, cancel))[0];

    public static async Task<Plan> Look(NpgsqlConnection connection, CancellationToken cancel) =>
        (await connection.Query($"SELECT {Columns} FROM rollout_plans WHERE is_current", Read, cancel))[0];

    /// <summary>Free seats, or null when the plan sets no capacity. Members and open invitations hold seats.</summary>
    public static async Task<int?> FreeSeats(NpgsqlConnection connection, Plan plan, CancellationToken cancel) =>
        plan.Capacity is not { } capacity ? null : (int)Math.Clamp(capacity - await connection.Scalar<long>(
            "SELECT (SELECT count(*) FROM members) + (SELECT count(*) FROM waitlist_entries WHERE status = 'invited' AND invited_at IS NOT NULL)", cancel), int.MinValue, int.MaxValue);

    private static Plan Read(System.Data.Common.DbDataReader row) =>
        new(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt32(2), row.Text(3), row.Text(4), row.GetBoolean(5));
}
