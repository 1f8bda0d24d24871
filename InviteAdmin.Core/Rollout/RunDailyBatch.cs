using System.Globalization;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Rollout;

/// <summary>What was decided for a local date, in one sentence, and the cohort if there is one.</summary>
public sealed record BatchDecision(DateOnly LocalDate, string Outcome, string Reason, CohortFacts? Cohort);

/// <summary>
/// The plan's batch of the day. Asked as often as anybody likes, it releases at most once per plan and local date, only from
/// the plan's local time on, and only for today: days missed while nothing ran are not made up. Every decision is a row.
/// </summary>
public sealed class RunDailyBatch(Transactions transactions, ReleaseCohort release, PlanClock clock)
{
    public async Task<Outcome<BatchDecision>> Run(Actor actor, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var (plan, at) = await transactions.Run(async connection => ((await connection.Query(
            "SELECT id, state, zone, send_at, days, batch_size, capacity, paused_by FROM rollout_plans WHERE is_current", DuePlan.Read, cancel))[0], await clock.Now(connection, cancel)), cancel);
        var now = TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(plan.Zone));
        var today = DateOnly.FromDateTime(now.DateTime);
        var decision = Due(plan, today, TimeOnly.FromDateTime(now.DateTime)) ?? await Released(plan, today, cancel)
            ?? Decide(plan, today, await release.Release(actor, new ReleaseRequest(plan.BatchSize, "Daily batch"), today, cancel));
        if (decision.Outcome != "not-yet")
        {
            await Record(plan, decision, now, cancel);
        }

        return decision;
    }

    private static BatchDecision? Due(DuePlan plan, DateOnly today, TimeOnly now) => (plan.State, now < plan.SendAt, plan.Days.Contains(Day(today), StringComparer.Ordinal)) switch
    {
        ("running", true, _) => new(today, "not-yet", $"The batch of {Written(today)} goes out at {plan.SendAt:HH\\:mm}.", null),
        ("running", _, false) => new(today, "off-day", $"No batch on {today.ToString("dddd", CultureInfo.InvariantCulture)}s.", null),
        ("running", _, true) => null,
        (_, true, _) => new(today, "not-yet", "Not due yet.", null),
        ("paused", _, _) => new(today, "paused", $"Paused{(plan.PausedBy is null ? "" : $" by {plan.PausedBy}")}; nothing was sent.", null),
        (var state, _, _) => new(today, state, $"The plan is {(state == "draft" ? "a draft" : state)}; nothing was sent.", null),
    };

    // Looked up first only to spare the work: the unique key of plan and date decides.
    private Task<BatchDecision?> Released(DuePlan plan, DateOnly today, CancellationToken cancel) => transactions.Run(async connection => (await connection.Query(
        $"SELECT {CohortFacts.Columns} FROM cohorts WHERE plan_id = $1 AND local_date = $2", CohortFacts.Read, cancel, plan.Id, today))
        .Select(cohort => new BatchDecision(today, "released", Sentence(plan, cohort), cohort)).FirstOrDefault(), cancel);

    private static BatchDecision Decide(DuePlan plan, DateOnly today, Outcome<CohortFacts> outcome) => outcome.Failure switch
    {
        null => new(today, "released", Sentence(plan, outcome.Value!), outcome.Value),
        AlreadyReleased already => new(today, "released", Sentence(plan, already.Cohort), already.Cohort),
        NoCapacity full => new(today, "no-capacity", full.Detail, null),
        NobodyWaiting nobody => new(today, "empty", nobody.Detail, null),
        RolloutPaused paused => new(today, "paused", paused.Detail, null),
        var other => new(today, "refused", other.Detail, null),
    };

    private static string Sentence(DuePlan plan, CohortFacts cohort) => string.Create(CultureInfo.InvariantCulture,
        $"Cohort {cohort.Number}: {cohort.Invited:N0} of {plan.BatchSize:N0} people invited.");

    private static string Written(DateOnly date) => date.ToString("d MMMM", CultureInfo.InvariantCulture);

    private static string Day(DateOnly date) => date.DayOfWeek.ToString()[..3].ToLowerInvariant();

    // The same decision for the same day is one row, however often and by however many processes it is made.
    private Task Record(DuePlan plan, BatchDecision decision, DateTimeOffset now, CancellationToken cancel) => transactions.Run(connection => connection.Execute(
        """
        INSERT INTO rollout_decisions (plan_id, local_date, outcome, reason, inputs, cohort_id)
        VALUES ($1, $2, $3, $4, $5::jsonb, (SELECT id FROM cohorts WHERE public_id = $6)) ON CONFLICT (plan_id, local_date, outcome) DO NOTHING
        """,
        cancel, plan.Id, decision.LocalDate, decision.Outcome, decision.Reason,
        JsonSerializer.Serialize(new { plan.State, plan.Zone, plan.SendAt, plan.Days, plan.BatchSize, plan.Capacity, LocalTime = now }, JsonSerializerOptions.Web), decision.Cohort?.Id), cancel);

    private sealed record DuePlan(long Id, string State, string Zone, TimeOnly SendAt, string[] Days, int BatchSize, int? Capacity, string? PausedBy)
    {
        public static DuePlan Read(System.Data.Common.DbDataReader row) => new(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<TimeOnly>(3), row.GetFieldValue<string[]>(4), row.GetInt32(5),
            row.IsDBNull(6) ? null : row.GetInt32(6), row.Text(7));
    }
}
