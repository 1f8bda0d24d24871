using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Insights;

/// <summary>
/// The numbers of some days of the plan's zone: the steps of those who joined in them (each counts only those of the step before), what the members who registered in
/// them brought, what happened on each day, and the cohorts released in them.
/// </summary>
public sealed record LaunchStats(InsightRange Range, DateTimeOffset? CountedAt, FunnelSteps Steps, ViralWeek Viral, IReadOnlyList<LaunchDay> Days, IReadOnlyList<SourceSteps> Sources, IReadOnlyList<CohortCurve> Cohorts);

/// <summary>Reads the launch's numbers for programs, out of the counts that the dashboard shows.</summary>
public sealed class StatsQueries(NpgsqlDataSource source, InsightQueries insights, LaunchQueries launch, TimeProvider time)
{
    /// <summary>So many days can be asked for at once.</summary>
    public const int MostDays = 366;

    private const int UsualDays = 30;

    /// <summary>The range meant: the last thirty days, or those up to or from a day that is given.</summary>
    public async Task<InsightRange> Range(DateOnly? from, DateOnly? to, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var zone = await connection.Scalar<string>("SELECT zone FROM rollout_plans WHERE is_current", cancel) ?? "Etc/UTC";
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(zone)).DateTime);
        var last = to ?? (from is { } start && start > today ? start : today);
        return new(from ?? (last.DayNumber >= UsualDays ? last.AddDays(1 - UsualDays) : last), last, zone);
    }

    public async Task<LaunchStats> Of(InsightRange range, CancellationToken cancel)
    {
        var sources = await insights.BySource(range, cancel);
        var viral = await insights.ViralOf(range, cancel);
        var cohorts = await insights.Cohorts(range, cancel);
        var days = await launch.Days(range, cancel);
        return new(range, sources.At, sources.Value.Aggregate(FunnelSteps.None, (sum, s) => sum + s.Steps), viral.Value, days, sources.Value, cohorts.Value);
    }
}
