using System.Data.Common;
using System.Text.Json;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>Everything that a stored decision rests on: the rule's facts, and what a reader wants to know beside them.</summary>
public sealed record DecisionInputs(StageFacts Facts, string Zone, int? Capacity, int PlanVersion, DateTimeOffset LocalTime);

/// <summary>The plan in force as the rule needs it, read in the transaction that acts on it.</summary>
/// <param name="Step">Counts every change of where the plan stands, so that each decision is one row in each of them.</param>
internal sealed record PlanState(
    long Id, string State, string Zone, TimeOnly SendAt, string[] Days, int? Capacity, string? PausedBy, string? HeldReason, IReadOnlyList<Stage> Stages, int Stage, int StageFrom, string? WaitsFor, bool Approved, int Version, int Step, bool Counting)
{
    private const string Columns = "id, state, zone, send_at, days, batch_size, capacity, paused_by, held_reason, stages::text, stage, stage_from, waits_for, approved, version, step, counting IS NOT NULL";

    public Stage Current => Stages[Stage];

    /// <param name="locks">Whether nobody else may act on it until the transaction ends.</param>
    public static async Task<PlanState> Read(NpgsqlConnection connection, bool locks, CancellationToken cancel) =>
        (await connection.Query($"SELECT {Columns} FROM rollout_plans WHERE is_current{(locks ? " FOR NO KEY UPDATE" : "")}", Read, cancel))[0];

    /// <summary>The rule's facts at this moment. Seats are counted only when a batch is due or a gate asks for them.</summary>
    public async Task<DecisionInputs> Facts(NpgsqlConnection connection, PlanClock clock, CancellationToken cancel)
    {
        var now = await clock.Now(connection, cancel);
        var local = TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(Zone));
        var (today, time) = (DateOnly.FromDateTime(local.DateTime), TimeOnly.FromDateTime(local.DateTime));
        var (sent, last, sentToday) = (await connection.Query(
            """
            SELECT count(*) FILTER (WHERE state = 'released' AND number > $2)::int, max(local_date) FILTER (WHERE state = 'released' AND number > $2), coalesce(bool_or(local_date = $3), false)
            FROM cohorts WHERE plan_id = $1 AND local_date IS NOT NULL AND (number > $2 OR local_date = $3)
            """,
            row => (row.GetInt32(0), row.IsDBNull(1) ? (DateOnly?)null : row.GetFieldValue<DateOnly>(1), row.GetBoolean(2)), cancel, Id, StageFrom, today))[0];
        var waiting = await connection.Scalar<long>($"SELECT count(*) FROM (SELECT 1 FROM waitlist_entries WHERE status = 'waiting' AND hold IS NULL LIMIT {Current.BatchSize}) w", cancel);
        var due = !sentToday && time >= SendAt && State is not ("draft" or "paused" or "completed");
        var seats = Capacity is not null && (due || Current.Gate.Any(c => c is CapacityCondition)) ? await PlanLock.FreeSeats(connection, new(Id, State, Capacity, PausedBy), cancel) : null;
        var measured = State is "draft" or "paused" or "completed"
            ? [.. Current.Gate.Select(_ => new Measured(null, 0))]
            : await GateMeasures.Of(connection, new(Id, StageFrom, today, now, seats), Current.Gate, cancel);
        return new(new StageFacts(Stages, State, Stage, sent, last, sentToday, WaitsFor == "person", Approved, today, time, SendAt, Days, waiting, seats, measured, Counting), Zone, Capacity, Version, local);
    }

    private static PlanState Read(DbDataReader row)
    {
        var stages = InviteAdmin.Rollout.Stage.Read(row.GetString(9), row.GetInt32(5));
        return new(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<TimeOnly>(3), row.GetFieldValue<string[]>(4), row.IsDBNull(6) ? null : row.GetInt32(6), row.Text(7), row.Text(8),
            stages, Math.Min(row.GetInt32(10), stages.Count - 1), row.GetInt32(11), row.Text(12), row.GetBoolean(13), row.GetInt32(14), row.GetInt32(15), row.GetBoolean(16));
    }
}

/// <summary>The rows of the plan's history.</summary>
internal static class DecisionRows
{
    /// <summary>Writes a decision once in each step of the plan and on each local date, however often and by however many processes it is made.</summary>
    public static Task Add(NpgsqlConnection connection, PlanState plan, DecisionInputs inputs, StageDecision rule, PlanDecision said, CancellationToken cancel) =>
        Add(connection, plan, inputs, said.Outcome, said.Reason, said.Cohort?.Id, rule, by: null, cancel);

    /// <summary>What a person decided.</summary>
    public static Task Add(NpgsqlConnection connection, PlanState plan, DecisionInputs inputs, string outcome, string reason, string by, CancellationToken cancel) =>
        Add(connection, plan, inputs, outcome, reason, cohort: null, rule: null, by, cancel);

    private static Task Add(NpgsqlConnection connection, PlanState plan, DecisionInputs inputs, string outcome, string reason, string? cohort, StageDecision? rule, string? by, CancellationToken cancel) => connection.Execute(
        """
        INSERT INTO rollout_decisions (plan_id, local_date, outcome, reason, inputs, cohort_id, step, stage, decided, by_name)
        SELECT $1, $2, $3, $4, $5::jsonb, (SELECT id FROM cohorts WHERE public_id = $6), $7, $8, $9::jsonb, $10
        WHERE NOT EXISTS (SELECT 1 FROM rollout_decisions WHERE plan_id = $1 AND local_date = $2 AND outcome = $3 AND step = $7) ON CONFLICT DO NOTHING
        """,
        cancel, plan.Id, inputs.Facts.Today, outcome, reason, JsonSerializer.Serialize(inputs, PlanJson.Options), cohort, plan.Step, plan.Stage,
        rule is null ? null : JsonSerializer.Serialize(rule, PlanJson.Options), by);
}
