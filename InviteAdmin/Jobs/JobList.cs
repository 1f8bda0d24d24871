using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Insights;
using InviteAdmin.Invites;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Redis;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using Quartz;

namespace InviteAdmin.Jobs;

/// <summary>Asks every minute whether the plan's batch is due. The unique key of plan and local date decides, not the clock of a process.</summary>
[DisallowConcurrentExecution]
public sealed class DailyBatchJob(RunPlan batch) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        LongWork.Begin();
        context.Result = JobRunReport.Succeeded((await batch.Run(Actor.System, cancellationToken)).Must().Reason);
    }
}

/// <summary>Takes back invitations that ran out and reminds of those that soon will.</summary>
[DisallowConcurrentExecution]
public sealed class LapseJob(LapseInvitations lapse) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        LongWork.Begin();
        var report = (await lapse.Run(Actor.System, cancellationToken)).Must();
        context.Result = JobRunReport.Succeeded($"{report.Lapsed} lapsed, {report.Reminded} reminded");
    }
}

/// <summary>Frees outbox items of dead processes, and forgets idempotency keys of yesterday, requests of last week, signals of last month and refused attempts of the last season.</summary>
[DisallowConcurrentExecution]
public sealed class SweepJob(OutboxQueue queue, IdempotencyKeys keys, CodeAttempts attempts, PostSignal signals, RequestLog requests, ErasePerson erase, ShowPlace shows) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        LongWork.Begin();
        var freed = await queue.Sweep(cancellationToken);
        var forgotten = await keys.Sweep(cancellationToken);
        await attempts.Sweep(cancellationToken);
        await signals.Sweep(cancellationToken);
        await requests.Sweep(cancellationToken);
        await erase.Sweep(cancellationToken);
        await shows.Sweep(cancellationToken);
        context.Result = JobRunReport.Succeeded($"{freed} freed, {forgotten} keys forgotten");
    }
}

/// <summary>Builds the live ranks in Redis from PostgreSQL again.</summary>
[DisallowConcurrentExecution]
public sealed class RankRebuildJob(RankFollower follower) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        LongWork.Begin();
        await follower.Rebuild(cancellationToken);
    }
}

/// <summary>Counts again what the insights and the leaderboard show and what has changed since.</summary>
[DisallowConcurrentExecution]
public sealed class InsightsJob(RefreshInsights insights) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        LongWork.Begin();
        var report = (await insights.RunWhenRested(Actor.System, cancellationToken)).Must();
        context.Result = JobRunReport.Succeeded(report.Skipped ?? (report.Whole ? "counted everything" : $"{report.Changes} changes counted"));
    }
}

/// <summary>A job as the scheduler and the Jobs page know it.</summary>
/// <param name="Schedule">The cron expression in words.</param>
public sealed record JobEntry(string Name, Type Type, string Title, string Does, string Cron, string Schedule);

/// <summary>All jobs. Each only triggers; what happens once is decided by the database.</summary>
public static class JobList
{
    public static readonly IReadOnlyList<JobEntry> All =
    [
        new("daily-batch", typeof(DailyBatchJob), "Rollout plan", "Invites the day's batch at the plan's local time, once a day, counts the soak and asks the gates.", "0 * * * * ?", "every minute"),
        new("lapse", typeof(LapseJob), "Lapse and remind", "Takes back unused invitations past their end and reminds two days before.", "30 0/5 * * * ?", "every 5 minutes"),
        new("sweep", typeof(SweepJob), "Outbox sweep", "Frees mail that a dead process held, forgets idempotency keys after a day, and removes signals that are too old for any gate.", "15 * * * * ?", "every minute"),
        new("insights", typeof(InsightsJob), "Insights", "Counts again what changed for the insights and the leaderboard.", "5/30 * * * * ?", "every 30 seconds"),
        new("rank-rebuild", typeof(RankRebuildJob), "Rank rebuild", "Builds the live ranks again from the database.", "0 30 4 * * ?", "once a day at 04:30 of the server"),
    ];

    public static void AddTo(IQuartzBuilder quartz)
    {
        foreach (var job in All)
        {
            var key = new JobKey(job.Name);
            quartz.AddJob(job.Type, configure => configure.WithIdentity(key).WithDescription(job.Does).StoreDurably().RequestRecovery());
            // What was missed while nothing ran fires once.
            quartz.AddTrigger(trigger => trigger.ForJob(key).WithIdentity(job.Name).WithCronSchedule(job.Cron, cron => cron.WithMisfireInstruction(CronTriggerMisfireInstruction.SmartPolicy)));
        }
    }
}
