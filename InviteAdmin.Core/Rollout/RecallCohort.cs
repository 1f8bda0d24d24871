using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>The undo window is over, or something has left already.</summary>
public sealed record UndoClosed(int Number) : Failure("undo-closed", $"Cohort {Number} can no longer be undone: its mail has begun to leave. Recall it instead.");

/// <summary>
/// Takes back what a cohort's people have not used: codes revoked, unsent mail cancelled, entries waiting again at their old
/// place. Undo is a recall before anything left. Members stay members. Doing it again changes nothing.
/// </summary>
public sealed class RecallCohort(Transactions transactions)
{
    /// <summary>How many people wait again. Fails with <see cref="UndoClosed"/> after the window.</summary>
    public Task<Outcome<int>> Undo(Actor actor, string cohortId, CancellationToken cancel) => Run(actor, cohortId, "undone", null, cancel);

    /// <summary>How many people wait again.</summary>
    public Task<Outcome<int>> Recall(Actor actor, string cohortId, string? reason, CancellationToken cancel) => Run(actor, cohortId, "recalled", reason, cancel);

    /// <summary>Recalls every cohort of a stage of the plan in one commit. How many people wait again.</summary>
    /// <param name="stage">From 1.</param>
    public async Task<Outcome<int>> RecallStage(Actor actor, int stage, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500);
        return checks.Failure is { } invalid ? invalid : await transactions.Run<int>(async connection =>
        {
            // No batch may join the stage while it is taken back.
            var plan = await PlanLock.Take(connection, cancel);
            var recalled = 0;
            foreach (var id in await connection.Query(
                "SELECT public_id FROM cohorts WHERE plan_id = $1 AND stage = $2 AND state = 'released' ORDER BY id", row => row.GetString(0), cancel, plan.Id, stage - 1))
            {
                recalled += (await Run(connection, actor, id, "recalled", reason, cancel)).Must();
            }

            return recalled;
        }, cancel);
    }

    private async Task<Outcome<int>> Run(Actor actor, string cohortId, string state, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500);
        return checks.Failure is { } invalid ? invalid : await transactions.Run(connection => Run(connection, actor, cohortId, state, reason, cancel), cancel);
    }

    private static async Task<Outcome<int>> Run(NpgsqlConnection connection, Actor actor, string cohortId, string state, string? reason, CancellationToken cancel)
    {
        var cohorts = await connection.Query(
            "SELECT id, number, state, undo_until > clock_timestamp(), invited FROM cohorts WHERE public_id = $1 FOR NO KEY UPDATE",
            row => (Id: row.GetInt64(0), Number: row.GetInt32(1), State: row.GetString(2), Open: row.GetBoolean(3), Invited: row.GetInt32(4)), cancel, cohortId);
        if (cohorts.Count == 0)
        {
            return new NotFound("cohort");
        }

        var cohort = cohorts[0];
        if (state == "undone" && cohort.State == "released" && !cohort.Open)
        {
            return new UndoClosed(cohort.Number);
        }

        if (cohort.State != "released")
        {
            return 0;
        }

        LongWork.Begin(cohort.Invited);
        var recalled = await connection.Scalar<long>(TakeBack, cancel, cohort.Id, state == "undone" ? "Release undone." : "Cohort recalled.");
        var sent = await connection.Scalar<long>(
            "SELECT count(*) FROM outbox WHERE cohort_id = $1 AND template = 'invitation' AND (state = 'sent' OR lease_until IS NOT NULL)", cancel, cohort.Id);
        if (state == "undone" && sent > 0)
        {
            return new UndoClosed(cohort.Number);
        }

        await connection.Execute("UPDATE cohorts SET state = $2, recalled_at = clock_timestamp() WHERE id = $1", cancel, cohort.Id, state);
        await connection.Audit(actor, $"cohort.{state}", "cohort", cohortId, cancel, before: new { cohort.State }, after: new { State = state, Recalled = recalled }, reason: reason);
        return (int)recalled;
    }

    private const string TakeBack =
        """
        WITH codes AS MATERIALIZED (
          SELECT id, entry_id FROM invite_codes
          WHERE cohort_id = $1 AND kind = 'waitlist' AND status = 'active' AND used_count = 0 AND lapsed_at IS NULL ORDER BY id FOR NO KEY UPDATE
        ), entries AS MATERIALIZED (
          SELECT id FROM waitlist_entries WHERE id IN (SELECT entry_id FROM codes) AND status = 'invited' ORDER BY id FOR NO KEY UPDATE
        ), revoked AS (
          UPDATE invite_codes c SET status = 'revoked', revoked_at = clock_timestamp(), revoked_reason = $2 FROM codes k WHERE c.id = k.id
        ), unsent AS (
          UPDATE outbox o SET state = 'cancelled' FROM codes k WHERE o.entry_id = k.entry_id AND o.state = 'pending' AND o.lease_until IS NULL AND o.template IN ('invitation', 'reminder')
        ), waiting AS (
          UPDATE waitlist_entries e SET status = 'waiting', invited_at = NULL, cohort_id = NULL FROM entries x WHERE e.id = x.id RETURNING e.id
        )
        SELECT count(*) FROM waiting
        """;
}
