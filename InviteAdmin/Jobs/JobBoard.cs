using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Quartz;

namespace InviteAdmin.Jobs;

/// <summary>The job is paused already, perhaps for another reason.</summary>
public sealed record JobPaused() : Failure("job-paused", "Somebody has paused this job already.");

/// <summary>Runs, pauses and resumes jobs by hand. A pause is a row that every process obeys, with who asked for it and why.</summary>
public sealed class JobBoard(ISchedulerFactory schedulers, Transactions transactions)
{
    public async Task<Outcome<bool>> RunNow(Actor actor, string job, CancellationToken cancel)
    {
        if (Refuse(actor, job) is { } refused)
        {
            return refused;
        }

        // Written first: a process that dies in between leaves a wish on record, never a deed without one.
        await transactions.Run(async connection =>
        {
            await connection.Audit(actor, "job.run", "job", job, cancel);
            return true;
        }, cancel);
        await (await schedulers.GetScheduler(cancel)).TriggerJob(new JobKey(job), new JobDataMap(), cancel);
        return true;
    }

    /// <summary>No schedule starts the job from now on, in any process, until somebody resumes it.</summary>
    public async Task<Outcome<bool>> Pause(Actor actor, string job, string? reason, CancellationToken cancel)
    {
        if (Refuse(actor, job) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500, required: true);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<bool>(async connection =>
        {
            if (await connection.Execute("INSERT INTO paused_jobs (job, paused_by, reason) VALUES ($1, $2, $3) ON CONFLICT (job) DO NOTHING", cancel, job, actor.Name, reason) == 0)
            {
                return new JobPaused();
            }

            await connection.Audit(actor, "job.paused", "job", job, cancel, reason: reason);
            return true;
        }, cancel);
    }

    /// <summary>False when it was not paused.</summary>
    public async Task<Outcome<bool>> Resume(Actor actor, string job, CancellationToken cancel)
    {
        if (Refuse(actor, job) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<bool>(async connection =>
        {
            var resumed = await connection.Query(
                "DELETE FROM paused_jobs WHERE job = $1 RETURNING paused_by, reason, since", row => new { By = row.GetString(0), Reason = row.GetString(1), Since = row.GetFieldValue<DateTimeOffset>(2) }, cancel, job);
            if (resumed.Count > 0)
            {
                await connection.Audit(actor, "job.resumed", "job", job, cancel, before: resumed[0]);
            }

            return resumed.Count > 0;
        }, cancel);
    }

    private static Failure? Refuse(Actor actor, string job) =>
        actor.Refuse(Permission.Operate) ?? (JobList.All.All(j => j.Name != job) ? new NotFound("job") : (Failure?)null);
}
