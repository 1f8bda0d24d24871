using System.Text.Json;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>Reads of the plan, of where it stands and of what was decided.</summary>
public sealed class PlanQueries(NpgsqlDataSource source, PlanClock clock)
{
    public async Task<PlanFacts> Current(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await Current(connection, cancel);
    }

    internal static async Task<PlanFacts> Current(NpgsqlConnection connection, CancellationToken cancel) =>
        (await connection.Query(
            "SELECT id, state, zone, send_at, days, batch_size, capacity, paused_by, paused_reason, version, stages::text, stage, mail_per_minute, waits_for, held_since, held_reason FROM rollout_plans WHERE is_current",
            row =>
            {
                var stages = Stage.Read(row.GetString(10), row.GetInt32(5));
                var stage = Math.Min(row.GetInt32(11), stages.Count - 1);
                return new PlanFacts(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<TimeOnly>(3), row.GetFieldValue<string[]>(4), stages[stage].BatchSize,
                    row.IsDBNull(6) ? null : row.GetInt32(6), row.Text(7), row.Text(8), row.GetInt32(9))
                {
                    Stages = stages, Stage = stage, MailPerMinute = row.IsDBNull(12) ? null : row.GetInt32(12), WaitsFor = row.Text(13), HeldSince = row.Time(14), HeldReason = row.Text(15),
                };
            }, cancel)).Single();

    /// <summary>What the rule says at this moment; writes nothing.</summary>
    public async Task<PlanStanding> Standing(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await Standing(connection, clock, cancel);
    }

    internal static async Task<PlanStanding> Standing(NpgsqlConnection connection, PlanClock clock, CancellationToken cancel)
    {
        var plan = await PlanState.Read(connection, locks: false, cancel);
        var facts = (await plan.Facts(connection, clock, cancel)).Facts;
        var rule = StageRule.Decide(facts);
        var soakDay = rule.Outcome == "soaking" && facts.LastBatch is { } last && facts.Today > last ? facts.Today.DayNumber - last.DayNumber : (int?)null;
        return new(facts.Today, rule.Outcome, rule.Reason, facts.BatchesSent, soakDay, GateCheck.Judge(plan.Current.Gate, facts.Measured), NextBatch.At(facts, rule, plan.Zone));
    }

    public async Task<SeatFacts> Seats(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await Seats(connection, cancel);
    }

    internal static async Task<SeatFacts> Seats(NpgsqlConnection connection, CancellationToken cancel) =>
        (await connection.Query(
            "SELECT (SELECT capacity FROM rollout_plans WHERE is_current), (SELECT count(*) FROM members), (SELECT count(*) FROM waitlist_entries WHERE status = 'invited' AND invited_at IS NOT NULL)",
            row => new SeatFacts(row.IsDBNull(0) ? null : row.GetInt32(0), row.GetInt64(1), row.GetInt64(2)), cancel))[0];

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<DecisionFacts>> Decisions(int most, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await Decisions(connection, most, cancel);
    }

    internal static async Task<IReadOnlyList<DecisionFacts>> Decisions(NpgsqlConnection connection, int most, CancellationToken cancel) =>
        await connection.Query(
            """
            SELECT d.local_date, d.at, d.outcome, d.reason, c.number, c.invited, d.stage, d.by_name, d.inputs::text FROM rollout_decisions d
            JOIN rollout_plans p ON p.id = d.plan_id AND p.is_current LEFT JOIN cohorts c ON c.id = d.cohort_id ORDER BY d.at DESC, d.id DESC LIMIT $1
            """,
            row => new DecisionFacts(row.GetFieldValue<DateOnly>(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3),
                row.IsDBNull(4) ? null : row.GetInt32(4), row.IsDBNull(5) ? null : row.GetInt32(5), row.GetInt32(6), row.Text(7), row.GetString(8)), cancel, most);

    /// <summary>Makes every decision of the rule again from its stored inputs and compares.</summary>
    public async Task<ReplayReport> Replay(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var (count, differing) = (0, new List<string>());
        var stored = await connection.Query(
            "SELECT local_date, inputs::text, decided::text FROM rollout_decisions WHERE decided IS NOT NULL ORDER BY id",
            row => (Date: row.GetFieldValue<DateOnly>(0), Inputs: row.GetString(1), Decided: row.GetString(2)), cancel);
        foreach (var (date, inputs, decided) in stored)
        {
            count++;
            var (then, now) = (JsonSerializer.Deserialize<StageDecision>(decided, PlanJson.Options)!, StageRule.Decide(JsonSerializer.Deserialize<DecisionInputs>(inputs, PlanJson.Options)!.Facts));
            if (then != now)
            {
                differing.Add(FormattableString.Invariant($"{date:d MMMM yyyy}: decided was “{then.Reason}”, from the same facts follows “{now.Reason}”"));
            }
        }

        return new(count, differing);
    }

    /// <summary>Today's batch in one sentence: what went out, what will, or why nothing does.</summary>
    public async Task<string> TodaysBatch(CancellationToken cancel)
    {
        var plan = await Current(cancel);
        var decisions = await Decisions(20, cancel);
        await using var connection = await source.OpenConnectionAsync(cancel);
        return BatchSentence.Of(plan, decisions, await clock.Now(connection, cancel));
    }
}
