using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>What was decided for a local date, in one sentence, and the cohort if there is one.</summary>
public sealed record PlanDecision(DateOnly LocalDate, string Outcome, string Reason, CohortFacts? Cohort);

/// <summary>
/// Lets the plan take its next step: the batch of the day, a soak, a gate, a halt. Asked as often as anybody likes, it releases at most once per plan and local
/// date, only from the plan's local time on, and only for today: days missed while nothing ran are not made up. Every decision is a row with its inputs.
/// </summary>
public sealed class RunPlan(Transactions transactions, ReleaseCohort release, PlanClock clock)
{
    // Whether the last step asked for a batch; one scope, one run.
    private bool _batch;

    public async Task<Outcome<PlanDecision>> Run(Actor actor, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        while (true)
        {
            // Looked at without the lock first, as nearly always there is nothing to do.
            var decided = await transactions.Run(connection => Step(connection, actor, locks: false, cancel), cancel)
                ?? await transactions.Run(connection => Step(connection, actor, locks: true, cancel), cancel);
            if (_batch)
            {
                Telemetry.Released("plan", decided!.Outcome, decided.Cohort?.Invited ?? 0);
            }

            // A stage that is done lets the next one send on the same day.
            if (decided!.Outcome != "advanced")
            {
                return decided;
            }
        }
    }

    /// <summary>Null when there is something to do that needs the lock.</summary>
    private async Task<PlanDecision?> Step(NpgsqlConnection connection, Actor actor, bool locks, CancellationToken cancel)
    {
        _batch = false;
        var plan = await PlanState.Read(connection, locks, cancel);
        var inputs = await plan.Facts(connection, clock, cancel);
        var rule = StageRule.Decide(inputs.Facts);
        var moves = rule.State != plan.State || rule.Stage != plan.Stage || rule.WaitsFor != plan.WaitsFor;
        if (!locks && (moves || rule.Invite > 0))
        {
            return null;
        }

        var said = rule.Invite > 0 ? await Release(connection, actor, plan, inputs.Facts.Today, cancel) : rule.Outcome == "sent" ? await Sent(connection, plan, inputs.Facts.Today, cancel) : new(inputs.Facts.Today, rule.Outcome, rule.Reason, null);
        if (moves)
        {
            plan = await Move(connection, plan, rule, cancel);
        }

        // Before its time a plan that stands still has nothing to say.
        if (!moves && inputs.Facts.Now < plan.SendAt && rule.Outcome is "draft" or "paused" or "completed")
        {
            return said with { Outcome = "not-yet" };
        }

        if (rule.Outcome is not ("not-yet" or "sent"))
        {
            await DecisionRows.Add(connection, plan, inputs, rule, said, cancel);
        }

        return said;
    }

    private async Task<PlanDecision> Release(NpgsqlConnection connection, Actor actor, PlanState plan, DateOnly today, CancellationToken cancel)
    {
        _batch = true;
        var outcome = await release.Release(connection, actor, new ReleaseRequest(plan.Current.BatchSize, "Daily batch"), new PlanBatch(today, plan.Stage), cancel);
        return outcome.Failure switch
        {
            null => new(today, "released", Sentence(outcome.Value!), outcome.Value),
            NoCapacity full => new(today, "no-capacity", full.Detail, null),
            NobodyWaiting nobody => new(today, "empty", nobody.Detail, null),
            var other => new(today, "refused", other.Detail, null),
        };
    }

    private static async Task<PlanDecision> Sent(NpgsqlConnection connection, PlanState plan, DateOnly today, CancellationToken cancel)
    {
        var cohort = (await connection.Query($"SELECT {CohortFacts.Columns} FROM cohorts WHERE plan_id = $1 AND local_date = $2", CohortFacts.Read, cancel, plan.Id, today))[0];
        return new(today, "released", Sentence(cohort), cohort);
    }

    private static async Task<PlanState> Move(NpgsqlConnection connection, PlanState plan, StageDecision to, CancellationToken cancel)
    {
        await connection.Execute(
            """
            UPDATE rollout_plans SET state = $2, stage = $3, waits_for = $4, step = step + 1,
              approved = approved AND stage = $3, stage_from = CASE WHEN stage = $3 THEN stage_from ELSE (SELECT coalesce(max(number), 0) FROM cohorts) END,
              held_since = CASE WHEN $2 <> 'holding' THEN NULL ELSE coalesce(held_since, now()) END, held_reason = CASE WHEN $2 = 'holding' THEN $5 END
            WHERE id = $1
            """,
            cancel, plan.Id, to.State, to.Stage, to.WaitsFor, to.Reason);
        if (to.WaitsFor is not null && to.WaitsFor != plan.WaitsFor)
        {
            await HeldMail.Tell(connection, plan.Id, plan.Step + 1, to.Reason, cancel);
        }

        return plan with { Step = plan.Step + 1 };
    }

    private static string Sentence(CohortFacts cohort) => string.Create(CultureInfo.InvariantCulture, $"Cohort {cohort.Number}: {cohort.Invited:N0} of {cohort.Requested:N0} people invited.");
}
