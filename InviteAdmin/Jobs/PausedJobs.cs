using InviteAdmin.Data;
using Npgsql;
using Quartz;

namespace InviteAdmin.Jobs;

/// <summary>
/// Holds a paused job back in whichever process its trigger fires. The row alone decides, because a restart stores the triggers of the
/// code again and forgets the scheduler's own pause. A run asked for by hand passes.
/// </summary>
public sealed class PausedJobs(NpgsqlDataSource source) : ITriggerListener
{
    public async ValueTask<bool> VetoJobExecution(ITrigger trigger, IJobExecutionContext context, CancellationToken cancellationToken)
    {
        if (trigger.JobDataMap.ContainsKey(SchedulerConstants.ManualTrigger))
        {
            return false;
        }

        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await connection.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM paused_jobs WHERE job = $1)", cancellationToken, trigger.JobKey.Name);
    }
}
