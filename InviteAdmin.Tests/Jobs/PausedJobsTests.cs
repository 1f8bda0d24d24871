using InviteAdmin.Access;
using InviteAdmin.Jobs;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Quartz.Extensibility;

namespace InviteAdmin.Tests.Jobs;

public sealed class PausedJobsTests(RunningApp app) : IClassFixture<RunningApp>
{
    private static readonly Actor Owner = Actor.Staff("1", "Owner", [Role.Owner]);

    /// <summary>A scheduler that rests sees what another process stored when it looks again, half a minute later at most.</summary>
    private static readonly TimeSpan SchedulerNotices = TimeSpan.FromSeconds(75);

    [Fact]
    public async Task Pause_InOneProcess_HoldsInAnotherAndAfterARestart()
    {
        const string Job = "sweep";
        (await Ask(b => b.Pause(Owner, Job, "Mail is being moved.", default))).Must();
        Assert.IsType<JobPaused>((await Ask(b => b.Pause(Owner, Job, "Again.", default))).Failure);
        var pause = (await Jobs()).Single(j => j.Name == Job).Pause!;
        Assert.Equal(("Owner", "Mail is being moved."), (pause.By, pause.Reason));

        // The other process starts after the pause and stores its triggers again, as a restart does; and it alone is left to run jobs.
        await using var other = await AppProcess.Start(app.Database.Settings);
        await WaitFor.True(async () => await app.Database.Scalar<long>("SELECT count(*) FROM processes WHERE heard_at > now() - interval '20 seconds'") == 2);
        var scheduler = await app.Services.GetRequiredService<ISchedulerFactory>().GetScheduler();
        await scheduler.Standby();
        var before = await Runs(Job);
        await Fire(scheduler, Job, "held");
        await WaitFor.True(async () => (await History().QueryMisfires(new() { SchedulerName = scheduler.SchedulerName, Reasons = [MisfireReason.Vetoed], Take = 10 }, default)).Items.Any(m => m.TriggerName == "held"), SchedulerNotices);
        Assert.Equal(before, await Runs(Job));

        Assert.True((await Ask(b => b.Resume(Owner, Job, default))).Must());
        Assert.False((await Ask(b => b.Resume(Owner, Job, default))).Must());
        await Fire(scheduler, Job, "free");
        await WaitFor.True(async () => await Runs(Job) > before, SchedulerNotices);
        Assert.Equal("job.paused:Mail is being moved.,job.resumed:", await app.Database.Scalar<string>("SELECT string_agg(action || ':' || coalesce(reason, ''), ',' ORDER BY id) FROM audit_log WHERE target_kind = 'job' AND target_id = 'sweep'"));
        await scheduler.Start();
    }

    [Fact]
    public async Task RunNow_OfAPausedJob_RunsOnce()
    {
        const string Job = "lapse";
        (await Ask(b => b.Pause(Owner, Job, "A test.", default))).Must();
        var before = await Runs(Job);

        (await Ask(b => b.RunNow(Owner, Job, default))).Must();

        await WaitFor.True(async () => await Runs(Job) > before);
        var (runs, _) = await Queries().Runs(Job, null, false, 1, 1, default);
        Assert.True(runs[0].Manual && runs[0].Succeeded && runs[0].Process.Length > 0);
        (await Ask(b => b.Resume(Owner, Job, default))).Must();
    }

    [Fact]
    public async Task Pause_WithoutAReasonOrOfNoJob_IsRefused()
    {
        Assert.IsType<Invalid>((await Ask(b => b.Pause(Owner, "lapse", " ", default))).Failure);
        Assert.IsType<NotFound>((await Ask(b => b.Pause(Owner, "no-such-job", "Because.", default))).Failure);
        Assert.IsType<NotAllowed>((await Ask(b => b.Pause(Actor.Staff("2", "Ann", [Role.Support]), "lapse", "Because.", default))).Failure);
    }

    private static async Task Fire(IScheduler scheduler, string job, string name) =>
        await scheduler.ScheduleJob(TriggerBuilder.Create().WithIdentity(name).ForJob(new JobKey(job)).StartNow().Build());

    private IExecutionHistoryStore History() => app.Services.GetRequiredService<IExecutionHistoryStore>();

    private JobQueries Queries() => app.Services.GetRequiredService<JobQueries>();

    private Task<IReadOnlyList<JobRow>> Jobs() => Queries().Jobs(default);

    private async Task<int> Runs(string job) => (await Queries().Runs(job, null, false, 1, 1_000, default)).Runs.Count;

    private async Task<Outcome<bool>> Ask(Func<JobBoard, Task<Outcome<bool>>> call)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<JobBoard>());
    }
}
