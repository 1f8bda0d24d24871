using InviteAdmin.Data;
using Npgsql;
using Quartz;
using Quartz.Extensibility;

namespace InviteAdmin.Jobs;

/// <summary>Who paused a job, since when and why.</summary>
public sealed record JobPause(string By, DateTimeOffset Since, string Reason);

/// <summary>A job with its schedule and how its last run went.</summary>
public sealed record JobRow(
    string Name, string Title, string Does, string Schedule, DateTimeOffset? NextAt, JobPause? Pause, bool Running, DateTimeOffset? LastAt, bool? LastSucceeded, TimeSpan? LastTook,
    string? LastResult, long Runs, long Failures, long FailuresInARow);

/// <summary>One run.</summary>
public sealed record RunRow(string Job, DateTimeOffset At, TimeSpan Took, bool Succeeded, bool Manual, string Process, string? Result, string? Error);

/// <summary>A run that was due and did not take place: the process was busy or none was there.</summary>
public sealed record MissedRow(string Job, DateTimeOffset At, DateTimeOffset? DueAt, string Process, string Why);

/// <summary>What the cards above the lists say: of the last 24 hours.</summary>
public sealed record JobCounts(int Runs, int Failed, int Missed, int Paused, long LongWorkOpen);

/// <summary>Reads of the scheduler and its history, which all processes share.</summary>
public sealed class JobQueries(ISchedulerFactory schedulers, IExecutionHistoryStore history, NpgsqlDataSource source, TimeProvider time)
{
    private static readonly MisfireReason[] Missing = [MisfireReason.Missed, MisfireReason.Overlap];

    public async Task<IReadOnlyList<JobRow>> Jobs(CancellationToken cancel)
    {
        var scheduler = await schedulers.GetScheduler(cancel);
        var triggers = (await scheduler.QueryTriggers(new() { Take = 200 }, cancel)).Items;
        var statuses = (await history.QueryJobRunStatuses(new() { SchedulerName = scheduler.SchedulerName, Take = 200 }, cancel)).Items;
        var running = (await scheduler.QueryFireInstances(new() { State = FireInstanceState.Executing, Take = 200 }, cancel)).Items;
        var pauses = await Pauses(cancel);
        return
        [
            .. from job in JobList.All
               let status = statuses.FirstOrDefault(s => s.Job.Name == job.Name)
               let pause = pauses.GetValueOrDefault(job.Name)
               select new JobRow(
                   job.Name, job.Title, job.Does, job.Schedule, pause is null ? triggers.Where(t => t.JobKey.Name == job.Name).Min(t => t.NextFireTimeUtc) : null, pause,
                   running.Any(r => r.JobKey?.Name == job.Name), status?.LastFiredAtUtc, status is null ? null : status.LastFiredAtUtc != status.LastFailedAtUtc, status?.LastDuration,
                   status is not null && status.LastFiredAtUtc == status.LastFailedAtUtc ? status.LastFailureMessage ?? status.LastSummary : status?.LastSummary,
                   status?.RunCount ?? 0, status?.FailureCount ?? 0, status?.ConsecutiveFailures ?? 0),
        ];
    }

    public async Task<JobCounts> Counts(CancellationToken cancel)
    {
        var name = (await schedulers.GetScheduler(cancel)).SchedulerName;
        var since = time.GetUtcNow().AddDays(-1);
        var runs = await history.QueryExecutions(new() { SchedulerName = name, FiredFrom = since, Take = 1, IncludeTotalCount = true }, cancel);
        var failed = await history.QueryExecutions(new() { SchedulerName = name, FiredFrom = since, FailedFinally = true, Take = 1, IncludeTotalCount = true }, cancel);
        var missed = await history.QueryMisfires(new() { SchedulerName = name, Reasons = [.. Missing], Take = 200 }, cancel);
        await using var connection = await source.OpenConnectionAsync(cancel);
        var (paused, open) = (await connection.Query(
            "SELECT (SELECT count(*)::int FROM paused_jobs), (SELECT count(*) FROM operations WHERE state IN ('queued', 'running'))", row => (row.GetInt32(0), row.GetInt64(1)), cancel))[0];
        return new(runs.TotalCount ?? 0, failed.TotalCount ?? 0, missed.Items.Count(m => m.MisfiredAtUtc >= since), paused, open);
    }

    /// <summary>Newest first, of one job and one process or of all.</summary>
    public async Task<(IReadOnlyList<RunRow> Runs, bool More)> Runs(string? job, string? process, bool failedOnly, int page, int size, CancellationToken cancel)
    {
        var name = (await schedulers.GetScheduler(cancel)).SchedulerName;
        var found = await history.QueryExecutions(
            new()
            {
                SchedulerName = name, Job = job is null ? null : new JobKey(job), SchedulerInstanceId = process, FailedFinally = failedOnly ? true : null, Skip = (page - 1) * size, Take = size,
            }, cancel);
        return ([.. found.Items.Select(r => new RunRow(r.JobName, r.FiredAtUtc, r.Duration, r.Succeeded, r.Manual, r.SchedulerInstanceId, r.Summary, r.ExceptionMessage))], found.HasMore);
    }

    /// <summary>Newest first. A run that a pause held back is not one that was missed.</summary>
    public async Task<(IReadOnlyList<MissedRow> Missed, bool More)> Missed(string? job, int page, int size, CancellationToken cancel)
    {
        var name = (await schedulers.GetScheduler(cancel)).SchedulerName;
        var found = await history.QueryMisfires(
            new() { SchedulerName = name, Job = job is null ? null : new JobKey(job), Reasons = [.. Missing], Skip = (page - 1) * size, Take = size }, cancel);
        return (
            [.. found.Items.Select(m => new MissedRow(m.JobKey?.Name ?? m.TriggerName, m.MisfiredAtUtc, m.ScheduledFireTimeUtc, m.SchedulerInstanceId,
                m.Reason == MisfireReason.Overlap ? "The run before was still at work." : "No process was free or there at the time; it ran as soon as one was."))], found.HasMore);
    }

    private async Task<Dictionary<string, JobPause>> Pauses(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query("SELECT job, paused_by, since, reason FROM paused_jobs",
            row => (Job: row.GetString(0), Pause: new JobPause(row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3))), cancel)).ToDictionary(p => p.Job, p => p.Pause, StringComparer.Ordinal);
    }
}
