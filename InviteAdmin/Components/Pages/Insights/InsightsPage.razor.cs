using System.Globalization;
using InviteAdmin.Components.Shared;
using InviteAdmin.Insights;
using InviteAdmin.Live;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Insights;

/// <summary>Everything counted for one range.</summary>
public sealed record RangeFacts(
    InsightRange Range, Counted<IReadOnlyList<SourceSteps>> Sources, Counted<IReadOnlyList<CampaignSteps>> Campaigns, Counted<IReadOnlyList<CohortCurve>> Cohorts, Counted<RegisterTimes> Times)
{
    public FunnelSteps Total() => Sources.Value.Aggregate(FunnelSteps.None, (sum, source) => sum + source.Steps);
}

/// <summary>The range asked for and, when compared, the one before it.</summary>
public sealed record InsightsFacts(RangeFacts Now, RangeFacts? Before);

/// <summary>Funnel, times, cohorts, sources and campaigns of a range, each with how it is counted.</summary>
public sealed partial class InsightsPage : DashboardPage<InsightsView>
{
    [PersistentState]
    public InsightsFacts? Facts { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel)
    {
        var range = View.Range(Zone.Today, Zone.Current.Id);
        var compare = View.Compare;
        await AsStaff.CountOnce(cancel);
        Facts = new(await Read(range, cancel), compare ? await Read(range.Previous(), cancel) : null);
    }

    private async Task<RangeFacts> Read(InsightRange range, CancellationToken cancel) => new(
        range,
        await AsStaff.Read<InsightQueries, Counted<IReadOnlyList<SourceSteps>>>(q => q.BySource(range, cancel)),
        await AsStaff.Read<InsightQueries, Counted<IReadOnlyList<CampaignSteps>>>(q => q.ByCampaign(range, cancel)),
        await AsStaff.Read<InsightQueries, Counted<IReadOnlyList<CohortCurve>>>(q => q.Cohorts(range, cancel)),
        await AsStaff.Read<InsightQueries, Counted<RegisterTimes>>(q => q.TimeToRegister(range, cancel)));

    private static string Span(InsightRange range) => string.Create(CultureInfo.InvariantCulture, $"{range.From:d MMM yyyy} to {range.To:d MMM yyyy}");
}
