using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Jobs;

public sealed class SchedulingTests(RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task Scheduler_NewDatabase_MakesItsTablesInItsOwnSchema()
    {
        await WaitFor.True(async () => await app.Database.Scalar<bool>("SELECT to_regclass('quartz.qrtz_scheduler_state') IS NOT NULL"));

        Assert.Equal(0L, await app.Database.Scalar<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'qrtz%'"));
    }
}
