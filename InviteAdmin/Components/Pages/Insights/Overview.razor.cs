using System.Globalization;
using InviteAdmin.Components.Shared;
using InviteAdmin.Insights;
using InviteAdmin.Live;
using InviteAdmin.Rollout;
using InviteAdmin.Webhooks;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Insights;

/// <summary>The overview as its address describes it.</summary>
public sealed record OverviewView
{
    public int Days { get; init; } = 14;
}

/// <summary>
/// Everything the overview shows, read together. Days reach back far enough to compare two weeks. <c>Viral</c> is of the last 28 days that are complete, or so
/// far of the last 28; <c>Times</c> of the last 28, <c>TimesBefore</c> of those before.
/// </summary>
public sealed record OverviewFacts(
    LaunchNumbers Numbers, string Today, IReadOnlyList<LaunchDay> ByDay, IReadOnlyList<TopReferrer> TopReferrers, IReadOnlyList<CohortMark> Cohorts, Counted<IReadOnlyList<SourceSteps>> Sources,
    ViralWeek Viral, RegisterTimes Times, RegisterTimes TimesBefore, IReadOnlyList<LaunchEvent> Feed, long HeldReferrals, long HeldPeople, int FailingHooks = 0);

/// <summary>Is the launch healthy, and may I invite more?</summary>
public sealed partial class Overview : DashboardPage<OverviewView>
{
    private const int Week = 7;
    private const int Month = 28;
    private const int FewestDays = (2 * Week) + 1;
    private const int FeedLength = 8;
    private static readonly int[] Ranges = [14, 30, 90];

    [PersistentState]
    public OverviewFacts? Facts { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Facts is not null;

    private int Shown => Ranges.Contains(View.Days) ? View.Days : 14;

    protected override async Task Load(CancellationToken cancel)
    {
        var (days, today, zone) = (Math.Max(Shown, FewestDays), Zone.Today, Zone.Current);
        await AsStaff.CountOnce(cancel);
        var numbers = AsStaff.Read<LaunchQueries, LaunchNumbers>(q => q.Numbers(cancel));
        var byDay = AsStaff.Read<LaunchQueries, IReadOnlyList<LaunchDay>>(q => q.ByDay(days, zone, cancel));
        var forecast = await AsStaff.Read<ForecastQueries, Forecast>(q => q.Current(cancel));
        var batch = $"{await AsStaff.Read<PlanQueries, string>(q => q.TodaysBatch(cancel))}{(forecast.Empty is null ? "" : $" {forecast.Sentence}")}";
        var referrers = await AsStaff.Read<LaunchQueries, IReadOnlyList<TopReferrer>>(q => q.TopReferrers(5, cancel));
        var month = InsightRange.Last(Month, today, zone.Id);
        var sources = await AsStaff.Read<InsightQueries, Counted<IReadOnlyList<SourceSteps>>>(q => q.BySource(month, cancel));
        var viral = await AsStaff.Read<InsightQueries, Counted<ViralWeek>>(q => q.ViralOf(month.Previous(), cancel));
        if (viral.Value.Members < Say.FewestForPercent)
        {
            viral = await AsStaff.Read<InsightQueries, Counted<ViralWeek>>(q => q.ViralOf(month, cancel));
        }

        var times = await AsStaff.Read<InsightQueries, Counted<RegisterTimes>>(q => q.TimeToRegister(month, cancel));
        var before = await AsStaff.Read<InsightQueries, Counted<RegisterTimes>>(q => q.TimeToRegister(month.Previous(), cancel));
        var cohorts = await AsStaff.Read<LaunchFeed, IReadOnlyList<CohortMark>>(q => q.Cohorts(today.AddDays(1 - days), zone.Id, cancel));
        var feed = await AsStaff.Read<LaunchFeed, IReadOnlyList<LaunchEvent>>(q => q.Latest(FeedLength, cancel));
        var (heldReferrals, heldPeople) = await AsStaff.Read<LaunchFeed, (long, long)>(q => q.Held(cancel));
        Facts = new(await numbers, batch, await byDay, referrers, cohorts, sources, viral.Value, times.Value, before.Value, feed, heldReferrals, heldPeople, await AsStaff.Read<WebhookQueries, int>(q => q.Failing(cancel)));
    }

    private IEnumerable<LaunchDay> Drawn => Facts!.ByDay.TakeLast(Shown);

    private ChartPoint[] Points => [.. Drawn.Select(d => ChartPoint.Of(d.Day) with { Mark = Mark(d.Day) })];

    private ChartLine[] Lines =>
    [
        new("Joined", [.. Drawn.Select(d => (double?)d.Joined)]),
        new("Invited", [.. Drawn.Select(d => (double?)d.Invited)]),
        new("Registered", [.. Drawn.Select(d => (double?)d.Registered)]),
    ];

    private FunnelSteps Funnel => Facts!.Sources.Value.Aggregate(FunnelSteps.None, (sum, source) => sum + source.Steps);

    private ChartPoint[] Steps => [.. FunnelFigure.Steps(Funnel).Select(s => new ChartPoint(s.Name)
    {
        Href = s.Step is { } step ? UrlState<DropOffView>.Href("/admin/insights/people", new() { Step = step, Days = Month }) : null,
    })];

    private ChartLine[] StepLines => [new("People", [.. FunnelFigure.Steps(Funnel).Select(s => (double?)s.People)]) { Mark = "" }];

    private string FunnelFinding => Funnel is { Joined: > 0 } t
        ? $"Of {Say.People(t.Joined)} who joined in the last {Month} days, {Say.Number(t.Registered)} have registered." : $"Nobody joined in the last {Month} days.";

    private string Coefficient => Facts!.Viral is { Members: >= Say.FewestForPercent, Coefficient: { } k } ? k.ToString("0.00", CultureInfo.InvariantCulture) : "too few";

    private string CoefficientNote => Facts!.Viral is { Members: > 0 } v
        ? $"{Say.Number(v.Brought)} brought by {Say.Number(v.Members)} within 28 days{(v.IsMature ? "" : ", so far")}" : "nobody has registered yet";

    private string TimesNote => Facts!.Times.People == 0 ? "nobody invited lately has registered"
        : Facts.TimesBefore.Median is { } then ? $"{TimesFigure.Within(then)} in the {Month} days before" : $"{Say.People(Facts.Times.People)} invited in {Month} days";

    private string? Mark(DateOnly day)
    {
        var numbers = Facts!.Cohorts.Where(c => c.Day == day).Select(c => c.Number).ToArray();
        return numbers.Length switch { 0 => null, 1 => $"cohort {numbers[0]} released", _ => $"{numbers.Length} cohorts released" };
    }

    /// <summary>Days that are over.</summary>
    private long[] Past(Func<LaunchDay, long> of) => [.. Facts!.ByDay.SkipLast(1).TakeLast(2 * Week).Select(of)];

    /// <summary>The last seven full days beside the seven before.</summary>
    private string Delta(string verb, Func<LaunchDay, long> of)
    {
        var past = Past(of);
        var (now, then) = (past.TakeLast(Week).Sum(), past.SkipLast(Week).Sum());
        var change = then < Say.FewestForPercent ? $"{Say.Number(then)} in the {Week} before" : ((double)now / then) switch
        {
            > 1.005 and var more => string.Create(CultureInfo.InvariantCulture, $"up {(more - 1) * 100:0}\u00a0%"),
            < 0.995 and var less => string.Create(CultureInfo.InvariantCulture, $"down {(1 - less) * 100:0}\u00a0%"),
            _ => "as in the week before",
        };
        return $"{Say.Number(now)} {verb} in {Week} days, {change}";
    }

    /// <summary>The last full day against the seven before it; today is not over and says nothing yet.</summary>
    private static string Finding(IReadOnlyList<LaunchDay> days)
    {
        var (yesterday, before) = (days[^2], days.Take(days.Count - 2).TakeLast(Week).ToArray());
        var usual = before.Average(d => d.Joined);
        var people = $"{Say.People(yesterday.Joined)} joined yesterday";
        return before.Sum(d => d.Joined) < Say.FewestForPercent ? $"{people}." : ((yesterday.Joined - usual) / usual) switch
        {
            > 0.05 and var more => string.Create(CultureInfo.InvariantCulture, $"{people}, {more * 100:0} % more than on a usual day of the week before."),
            < -0.05 and var less => string.Create(CultureInfo.InvariantCulture, $"{people}, {-less * 100:0} % fewer than on a usual day of the week before."),
            _ => $"{people}, as on a usual day of the week before.",
        };
    }
}
