using InviteAdmin.Components.Shared;
using InviteAdmin.Insights;
using InviteAdmin.Live;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>The plan as a ladder of stages: how it stands, what may be done about it, and everything it decided.</summary>
public sealed partial class RolloutPage : DashboardPage<NoView>
{
    private const int MostDecisions = 50;

    private PlanMoveDialog? _dialog;

    [PersistentState]
    public RolloutFacts? Facts { get; set; }

    [PersistentState]
    public ForecastShown? Foreseen { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel)
    {
        var (today, zone) = (Zone.Today, Zone.Current);
        var past = await AsStaff.Read<LaunchQueries, IReadOnlyList<LaunchDay>>(q => q.ByDay(ForecastShown.PastDays + 1, zone, cancel));
        var cohorts = await AsStaff.Read<LaunchFeed, IReadOnlyList<CohortMark>>(q => q.Cohorts(today.AddDays(-ForecastShown.PastDays), zone.Id, cancel));
        Foreseen = ForecastShown.Of(await AsStaff.Read<ForecastQueries, Forecast>(q => q.Current(cancel)), [.. past.SkipLast(1)], cohorts);
        Facts = new(
            await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(cancel)),
            await AsStaff.Read<PlanQueries, PlanStanding>(q => q.Standing(cancel)),
            await AsStaff.Read<PlanQueries, string>(q => q.TodaysBatch(cancel)),
            await AsStaff.Read<PlanQueries, SeatFacts>(q => q.Seats(cancel)),
            [.. (await AsStaff.Read<PlanQueries, IReadOnlyList<DecisionFacts>>(q => q.Decisions(MostDecisions, cancel))).Select(DecisionLine.Of)]);
    }

    private Task Ask(PlanMove move) => _dialog?.Open(move) ?? Task.CompletedTask;
}
