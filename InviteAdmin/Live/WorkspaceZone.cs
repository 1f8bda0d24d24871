using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Live;

/// <summary>The zone in which the dashboard shows times: that of the plan. Asked for every ten seconds, so that any process may change it.</summary>
public sealed class WorkspaceZone(IDbContextFactory<InviteAdminDb> databases, TimeProvider time, ILogger<WorkspaceZone> log) : BackgroundService
{
    public TimeZoneInfo Current { get; private set; } = TimeZoneInfo.Utc;

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Current);

    public DateOnly Today => DateOnly.FromDateTime(Local(time.GetUtcNow()).DateTime);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10), time);
        do
        {
            try
            {
                await using var db = await databases.CreateDbContextAsync(stoppingToken);
                var zone = await db.Plans.Where(p => p.IsCurrent).Select(p => p.Zone).FirstOrDefaultAsync(stoppingToken);
                if (zone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
                {
                    Current = found;
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.LogDebug(fault, "The plan's zone could not be read; times stay in the last one known.");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
