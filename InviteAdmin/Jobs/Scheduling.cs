using System.Data.Common;
using Npgsql;
using Quartz;

namespace InviteAdmin.Jobs;

/// <summary>The scheduler, clustered on the app's own database. It only triggers: unique keys decide what happens once.</summary>
public static class Scheduling
{
    public static void AddScheduling(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DbDataSource>(services => services.GetRequiredService<NpgsqlDataSource>());
        builder.Services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "InviteAdmin";
                scheduler.GenerateInstanceId = true;
                // A stopping process hands its jobs back instead of waiting for them.
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
            });
            JobList.AddTo(quartz);
            quartz.AddTriggerListener(services => new PausedJobs(services.GetRequiredService<NpgsqlDataSource>()));
            // Without it a restart would forget the runs that were missed while nothing ran.
            quartz.ConfigureOptions<SchedulingOptions>(options => options.ScheduleTriggerRelativeToReplacedTrigger = true);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(source => source.UseRegisteredDataSource = true);
                store.ConfigureStore(options => (options.TablePrefix, options.DbRetryInterval) = ("quartz.qrtz_", TimeSpan.FromSeconds(5)));
                store.UseClustering(cluster => cluster.CheckinInterval = TimeSpan.FromSeconds(2));
                store.ProvisionSchema();
                store.UseExecutionHistory();
            });
        });
        // A week of runs; a failure longer, because it is what somebody comes back to ask about.
        builder.Services.ConfigureAll<ExecutionHistoryOptions>(history =>
        {
            (history.Retention, history.MisfireRetention, history.MaxEntriesPerScheduler) = (TimeSpan.FromDays(7), TimeSpan.FromDays(30), 50_000);
            history.RetentionByResult[JobRunResult.Failed] = TimeSpan.FromDays(90);
        });
        builder.Services.AddQuartzHostedService(host =>
        {
            host.WaitForJobsToComplete = true;
            host.AwaitApplicationStarted = true;
        });
    }
}
