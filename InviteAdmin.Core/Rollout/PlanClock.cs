using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>What time it is for the plan: the database's, which all processes share. A machine whose own clock is a day off must not send yesterday's batch after today's.</summary>
/// <param name="stands">A clock that somebody set on purpose, as a test does.</param>
public sealed class PlanClock(TimeProvider? stands = null)
{
    internal async Task<DateTimeOffset> Now(NpgsqlConnection connection, CancellationToken cancel) =>
        stands?.GetUtcNow() ?? new DateTimeOffset(await connection.Scalar<DateTime>("SELECT now()", cancel));
}
