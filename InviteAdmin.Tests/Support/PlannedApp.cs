using InviteAdmin.Access;
using InviteAdmin.Rollout;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Support;

/// <summary>The whole app with a clock of the plan's own, so that a test goes from day to day.</summary>
public sealed class PlannedApp : RunningApp
{
    // A Monday, an hour before the plan's batch.
    private static readonly DateTimeOffset Monday = new(2027, 6, 7, 8, 0, 0, TimeSpan.Zero);

    private readonly ManualTime _time = new(Monday);

    /// <summary>It is this long after eight o'clock on the first Monday, and the plan takes its steps.</summary>
    /// <returns>What was decided.</returns>
    public async Task<string> At(int day, int hour)
    {
        _time.Now = Monday.AddDays(day).AddHours(hour - 8);
        await using var scope = Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<RunPlan>().Run(Actor.System, CancellationToken.None)).Must().Reason;
    }

    protected override void Replace(IServiceCollection services) => services.AddSingleton(new PlanClock(_time));
}
