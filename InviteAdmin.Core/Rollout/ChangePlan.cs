using System.Globalization;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Rollout;

/// <summary>Somebody else saved the plan in the meantime.</summary>
public sealed record PlanChanged() : Failure("plan-changed", "Somebody else changed the plan while you were editing. Look at their version, then save again.");

/// <summary>What was asked does not fit where the plan stands.</summary>
public sealed record PlanRefused(string Why) : Failure("plan-refused", Why);

/// <summary>
/// What people do to the plan in force: edit, start, pause, resume, approve, and move to another stage. Each is one commit with its audit row and its line in
/// the plan's history. Pausing stops every release, the button's too, and every invitation that has not left.
/// </summary>
public sealed class ChangePlan(Transactions transactions, PlanClock clock, ForecastQueries forecasts)
{
    public async Task<Outcome<PlanSaved>> Edit(Actor actor, PlanRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        var read = PlanCheck.Read(request, checks);
        return checks.Failure is { } invalid ? invalid : await transactions.Run<PlanSaved>(async connection =>
        {
            var before = await PlanState.Read(connection, locks: true, cancel);
            if (request.Version is { } version && version != before.Version)
            {
                return new PlanChanged();
            }

            if (read.Capacity is { } capacity && await connection.Scalar<long>("SELECT count(*) FROM members", cancel) is var members && members > capacity)
            {
                checks.Refuse("capacity", string.Create(CultureInfo.InvariantCulture, $"{members:N0} members hold seats already: with {capacity:N0} nobody could ever be invited."));
                return checks.Failure!;
            }

            var saved = JsonSerializer.Serialize(read, PlanJson.Options);
            await connection.Execute(
                """
                WITH edited AS (
                  UPDATE rollout_plans SET zone = $1, send_at = $2, days = $3, batch_size = $4, capacity = $5, mail_per_minute = $6, stages = $7::jsonb, version = version + 1, step = step + 1,
                    stage_from = CASE WHEN stage < $8 THEN stage_from ELSE (SELECT coalesce(max(number), 0) FROM cohorts) END, stage = least(stage, $8 - 1)
                  WHERE is_current RETURNING id, version
                ) INSERT INTO rollout_plan_versions (plan_id, version, plan, saved_by) SELECT id, version, $9::jsonb, $10 FROM edited
                """,
                cancel, read.Zone, read.SendAt, read.Days, read.Stages[0].BatchSize, read.Capacity, read.MailPerMinute, JsonSerializer.Serialize(read.Stages, PlanJson.Options), read.Stages.Count, saved, actor.Name);
            var after = await PlanState.Read(connection, locks: true, cancel);
            var inputs = await after.Facts(connection, clock, cancel);
            await DecisionRows.Add(connection, after, inputs, "edited", string.Create(CultureInfo.InvariantCulture, $"{actor.Name} saved version {after.Version:N0} of the plan."), actor.Name, cancel);
            await connection.Audit(actor, "plan.edited", "plan", $"{after.Id}", cancel,
                before: new { before.Zone, before.SendAt, before.Days, before.Capacity, before.Stages }, after: new { read.Zone, read.SendAt, read.Days, read.Capacity, read.MailPerMinute, read.Stages });
            forecasts.Forget();
            return new PlanSaved(after.Version, PlanCheck.Warnings(read, inputs.Facts.Today));
        }, cancel);
    }

    /// <summary>Starts a draft, or goes on after a pause or a halt. False when it was running.</summary>
    public Task<Outcome<bool>> Run(Actor actor, string? reason, CancellationToken cancel) => Move(actor, reason, "running", plan => plan switch
    {
        { State: "completed" } => new PlanRefused("All stages are done. Go back to a stage, or add one."),
        { State: "draft" } => new Moved("started", "started the plan"),
        { State: "paused" } or { WaitsFor: "person" } => new Moved("resumed", "let the plan go on"),
        _ => null,
    }, cancel);

    /// <summary>False when it was paused.</summary>
    public Task<Outcome<bool>> Pause(Actor actor, string? reason, CancellationToken cancel) =>
        Move(actor, reason, "paused", plan => plan.State == "paused" ? null : (Outcome<Moved>?)new Moved("paused", "paused the plan"), cancel);

    /// <summary>Lets the next stage begin, once the gate of this one has passed and asks for it. False when that was done already.</summary>
    public Task<Outcome<bool>> Approve(Actor actor, string? reason, CancellationToken cancel) => Move(actor, reason, "running", plan => plan switch
    {
        { Approved: true } => null,
        { WaitsFor: "approval" } => new Moved("approved", $"approved stage {plan.Stage + 1}", Approved: true),
        _ => new PlanRefused("Nothing waits for approval."),
    }, cancel);

    /// <summary>Goes to another stage, from its beginning: forward before the gate has passed, or back. False when it is in force and has sent nothing.</summary>
    /// <param name="stage">From 1.</param>
    public Task<Outcome<bool>> GoTo(Actor actor, int stage, string? reason, CancellationToken cancel) => Move(actor, reason, "running", plan => stage < 1 || stage > plan.Stages.Count
        ? new PlanRefused($"The plan has no stage {stage}.")
        : plan.State == "draft" ? new PlanRefused("The plan has not been started.")
        : new Moved(stage > plan.Stage + 1 ? "promoted" : "moved-back", $"{(stage > plan.Stage + 1 ? "moved the plan on" : "took the plan back")} to stage {stage}", Stage: stage - 1), cancel, needsReason: true);

    private async Task<Outcome<bool>> Move(Actor actor, string? reason, string state, Func<PlanState, Outcome<Moved>?> decide, CancellationToken cancel, bool needsReason = false)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500, needsReason);
        return checks.Failure is { } invalid ? invalid : await transactions.Run<bool>(async connection =>
        {
            var plan = await PlanState.Read(connection, locks: true, cancel);
            if (decide(plan) is not { } outcome)
            {
                return false;
            }

            if (!outcome.Succeeded)
            {
                return outcome.Failure;
            }

            var moved = outcome.Value;
            // A plan that was halted is paused by a person from now on, and goes on when a person says so.
            await connection.Execute(
                """
                UPDATE rollout_plans SET state = $2, paused_by = $3, paused_reason = $4, waits_for = NULL, held_since = NULL, held_reason = NULL, step = step + 1,
                  approved = $5 OR approved AND $6::int IS NULL, stage = coalesce($6, stage), stage_from = CASE WHEN $6::int IS NULL THEN stage_from ELSE (SELECT coalesce(max(number), 0) FROM cohorts) END
                WHERE id = $1
                """,
                cancel, plan.Id, state, state == "paused" ? actor.Name : null, state == "paused" ? reason : null, moved.Approved, moved.Stage);
            var after = await PlanState.Read(connection, locks: true, cancel);
            await DecisionRows.Add(connection, after, await after.Facts(connection, clock, cancel), moved.Outcome, $"{actor.Name} {moved.Words}{(reason is null ? "" : $": {reason.TrimEnd('.')}")}.", actor.Name, cancel);
            await connection.Audit(actor, $"plan.{moved.Outcome}", "plan", $"{plan.Id}", cancel, before: new { plan.State, Stage = plan.Stage + 1 }, after: new { State = state, Stage = after.Stage + 1 }, reason: reason);
            forecasts.Forget();
            return true;
        }, cancel);
    }

    private sealed record Moved(string Outcome, string Words, bool Approved = false, int? Stage = null);
}
