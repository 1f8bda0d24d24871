using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>The plan in force, as its page shows it. <c>Version</c> is the row's, for an edit to name.</summary>
public sealed record PlanFacts(
    long Id, string State, string Zone, TimeOnly SendAt, IReadOnlyList<string> Days, int BatchSize, int? Capacity, string? PausedBy, string? PausedReason, uint Version)
{
    public static readonly IReadOnlyList<string> Week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
}

/// <summary>What was decided on one date, and from which facts.</summary>
public sealed record DecisionFacts(DateOnly LocalDate, DateTimeOffset At, string Outcome, string Reason, int? Cohort, int? Invited);

/// <summary>Reads of the plan and its decisions.</summary>
public sealed class PlanQueries(NpgsqlDataSource source, TimeProvider time)
{
    public async Task<PlanFacts> Current(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            "SELECT id, state, zone, send_at, days, batch_size, capacity, paused_by, paused_reason, xmin FROM rollout_plans WHERE is_current",
            row => new PlanFacts(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<TimeOnly>(3), row.GetFieldValue<string[]>(4), row.GetInt32(5),
                row.IsDBNull(6) ? null : row.GetInt32(6), row.Text(7), row.Text(8), row.GetFieldValue<uint>(9)), cancel)).Single();
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<DecisionFacts>> Decisions(int most, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            """
            SELECT d.local_date, d.at, d.outcome, d.reason, c.number, c.invited FROM rollout_decisions d
            JOIN rollout_plans p ON p.id = d.plan_id AND p.is_current LEFT JOIN cohorts c ON c.id = d.cohort_id ORDER BY d.at DESC LIMIT $1
            """,
            row => new DecisionFacts(row.GetFieldValue<DateOnly>(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3),
                row.IsDBNull(4) ? null : row.GetInt32(4), row.IsDBNull(5) ? null : row.GetInt32(5)), cancel, most);
    }

    /// <summary>Today's batch in one sentence: what went out, what will, or why nothing does.</summary>
    public async Task<string> TodaysBatch(CancellationToken cancel)
    {
        var plan = await Current(cancel);
        var latest = (await Decisions(1, cancel)).FirstOrDefault();
        return BatchSentence.Of(plan, latest, time.GetUtcNow());
    }
}
