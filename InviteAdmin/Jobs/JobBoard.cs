using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Quartz;
using Quartz.Extensibility;

namespace InviteAdmin.Jobs;

/// <summary>A job with its schedule and how its last run went.</summary>
public sealed record JobRow(string Name, string Title, string Does, DateTimeOffset? NextAt, bool Paused, DateTimeOffset? LastAt, bool? LastSucceeded, TimeSpan? LastTook, string? LastResult, long Runs, long Failures);

/// <summary>One run.</summary>
public sealed record RunRow(string Job, DateTimeOffset At, TimeSpan Took, bool Succeeded, bool Manual, string Process, string? Result, string? Error);

/// <summary>What the Jobs page reads from the scheduler, and what it asks of it.</summary>
public sealed class JobBoard(ISchedulerFactory schedulers, IExecutionHistoryStore history, Transactions transactions)
{
    public async Task<IReadOnlyList<JobRow>> Jobs(CancellationToken cancel)
    {
        var scheduler = await schedulers.GetScheduler(cancel);
        var triggers = (await scheduler.QueryTriggers(new() { Take = 200 }, cancel)).Items;
        var statuses = (await history.QueryJobRunStatuses(new() { SchedulerName = scheduler.SchedulerName, Take = 200 }, cancel)).Items;
        return
        [
            .. from job in JobList.All
               let mine = triggers.Where(t => t.JobKey.Name == job.Name).ToArray()
               let status = statuses.FirstOrDefault(s => s.Job.Name == job.Name)
               select new JobRow(
                   job.Name, job.Title, job.Does, mine.Min(t => t.NextFireTimeUtc), mine.Length > 0 && mine.All(t => t.State == TriggerState.Paused),
                   status?.LastFiredAtUtc, status is null ? null : status.LastFiredAtUtc != status.LastFailedAtUtc, status?.LastDuration, status?.LastSummary, status?.RunCount ?? 0, status?.FailureCount ?? 0),
        ];
    }

    /// <summary>Newest first, of one job or of all.</summary>
    public async Task<(IReadOnlyList<RunRow> Runs, bool More)> Runs(string? job, bool failedOnly, int page, int size, CancellationToken cancel)
    {
        var scheduler = await schedulers.GetScheduler(cancel);
        var found = await history.QueryExecutions(
            new() { SchedulerName = scheduler.SchedulerName, Job = job is null ? null : new JobKey(job), FailedFinally = failedOnly ? true : null, Skip = (page - 1) * size, Take = size }, cancel);
        return ([.. found.Items.Select(r => new RunRow(r.JobName, r.FiredAtUtc, r.Duration, r.Succeeded, r.Manual, r.SchedulerInstanceId, r.Summary, r.ExceptionMessage))], found.HasMore);
    }

    public Task<Outcome<bool>> RunNow(Actor actor, string job, CancellationToken cancel) =>
        Ask(actor, job, "job.run", scheduler => scheduler.TriggerJob(new JobKey(job), new JobDataMap(), cancel), cancel);

    public Task<Outcome<bool>> Pause(Actor actor, string job, CancellationToken cancel) =>
        Ask(actor, job, "job.paused", async scheduler => await scheduler.PauseJob(new JobKey(job), cancel), cancel);

    public Task<Outcome<bool>> Resume(Actor actor, string job, CancellationToken cancel) =>
        Ask(actor, job, "job.resumed", async scheduler => await scheduler.ResumeJob(new JobKey(job), cancel), cancel);

    private async Task<Outcome<bool>> Ask(Actor actor, string job, string action, Func<IScheduler, ValueTask> ask, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Operate) is { } refused)
        {
            return refused;
        }

        if (JobList.All.All(j => j.Name != job))
        {
            return new NotFound("job");
        }

        // Written first: a process that dies in between leaves a wish on record, never a deed without one.
        await transactions.Run(async connection =>
        {
            await connection.Audit(actor, action, "job", job, cancel);
            return true;
        }, cancel);
        await ask(await schedulers.GetScheduler(cancel));
        return true;
    }
}
