using InviteAdmin.Components.Shared;
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

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel) => Facts = new(
        await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(cancel)),
        await AsStaff.Read<PlanQueries, PlanStanding>(q => q.Standing(cancel)),
        await AsStaff.Read<PlanQueries, string>(q => q.TodaysBatch(cancel)),
        await AsStaff.Read<PlanQueries, SeatFacts>(q => q.Seats(cancel)),
        [.. (await AsStaff.Read<PlanQueries, IReadOnlyList<DecisionFacts>>(q => q.Decisions(MostDecisions, cancel))).Select(DecisionLine.Of)]);

    private Task Ask(PlanMove move) => _dialog?.Open(move) ?? Task.CompletedTask;
}
