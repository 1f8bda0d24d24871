using InviteAdmin.Components.Shared;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>Everything the rollout's page shows, read together.</summary>
public sealed record RolloutFacts(PlanFacts Plan, string Today, IReadOnlyList<DecisionFacts> Decisions);

/// <summary>The plan in force: its settings, pause in one click, and what it decided.</summary>
public sealed partial class RolloutPage : DashboardPage<NoView>
{
    private ConfirmDialog? _start;

    [PersistentState]
    public RolloutFacts? Facts { get; set; }

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel) => Facts = new(
        await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(cancel)),
        await AsStaff.Read<PlanQueries, string>(q => q.TodaysBatch(cancel)),
        await AsStaff.Read<PlanQueries, IReadOnlyList<DecisionFacts>>(q => q.Decisions(20, cancel)));

    private async Task Pause()
    {
        var outcome = await AsStaff.Do<ChangePlan, bool>((x, actor) => x.Pause(actor, null, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Done("Paused. Nothing goes out, by schedule or by hand.", () => AsStaff.Do<ChangePlan, bool>((x, actor) => x.Run(actor, null, CancellationToken.None)));
        }
        else
        {
            Notices.Say(outcome.Failure.Detail);
        }

        await Reload();
    }

    private async Task Start()
    {
        if (Facts?.Plan.State == "draft")
        {
            _start?.Open();
        }
        else
        {
            Notices.Say(await Run() ?? "Resumed. The next batch goes out as planned.");
        }
    }

    private async Task<string?> Run()
    {
        var outcome = await AsStaff.Do<ChangePlan, bool>((x, actor) => x.Run(actor, null, CancellationToken.None));
        await Reload();
        return outcome.Failure?.Detail;
    }
}
