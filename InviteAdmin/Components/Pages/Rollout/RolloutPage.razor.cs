using InviteAdmin.Components.Shared;
using InviteAdmin.Insights;
using InviteAdmin.Live;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>The plan as a ladder of stages: how it stands, what may be done about it, and everything it decided.</summary>
public sealed partial class RolloutPage : DashboardPage<RolloutView>
{
    private PlanMoveDialog? _dialog;
    private RowNews _news = RowNews.None;

    [PersistentState]
    public RolloutFacts? Facts { get; set; }

    [PersistentState]
    public ForecastShown? Foreseen { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel)
    {
        var (view, following, today, zone) = (View, IsFollowing, Zone.Today, Zone.Current);
        var past = await AsStaff.Read<LaunchQueries, IReadOnlyList<LaunchDay>>(q => q.ByDay(ForecastShown.PastDays + 1, zone, cancel));
        var cohorts = await AsStaff.Read<LaunchFeed, IReadOnlyList<CohortMark>>(q => q.Cohorts(today.AddDays(-ForecastShown.PastDays), zone.Id, cancel));
        Foreseen = ForecastShown.Of(await AsStaff.Read<ForecastQueries, Forecast>(q => q.Current(cancel)), [.. past.SkipLast(1)], cohorts);
        var page = await AsStaff.Read<DecisionQueries, DecisionPage>(q => q.Page(view.Filter, view.Before, Pager.Size, cancel));
        DecisionLine[] lines = [.. page.Rows.Select(DecisionLine.Of)];
        var (shown, news) = following ? RowNews.Hold(Facts!.Decisions, lines, d => d.Id) : (lines, RowNews.None);
        var facts = new RolloutFacts(
            await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(cancel)),
            await AsStaff.Read<PlanQueries, PlanStanding>(q => q.Standing(cancel)),
            await AsStaff.Read<PlanQueries, string>(q => q.TodaysBatch(cancel)),
            await AsStaff.Read<PlanQueries, SeatFacts>(q => q.Seats(cancel)), shown, page.More);
        // What grew over days need not be counted with every change.
        var isSame = following && facts.Plan.Stage == Facts!.Plan.Stage && facts.Plan.Version == Facts.Plan.Version && facts.Plan.State == Facts.Plan.State;
        facts = facts with { Courses = isSame ? Facts!.Courses : facts.IsMeasured ? await AsStaff.Read<GateCourses, IReadOnlyList<IReadOnlyList<double>>>(q => q.InForce(cancel)) : [] };
        (Facts, _news) = (facts, news);
    }

    private Task Ask(PlanMove move) => _dialog?.Open(move) ?? Task.CompletedTask;
}
