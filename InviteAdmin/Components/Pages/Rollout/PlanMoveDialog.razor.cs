using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>Asks why before the plan is moved, and says what follows.</summary>
public sealed partial class PlanMoveDialog
{
    private const long TypedFrom = 500;

    private ConfirmDialog? _dialog;
    private PlanMove _move = PlanMove.Resume;
    private RecallPreview? _recall;
    private string? _reason;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Parameter, EditorRequired]
    public required RolloutFacts Facts { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnDone { get; set; }

    private string Title => _move.Kind switch
    {
        PlanMoveKind.Start => "Start the plan?",
        PlanMoveKind.Resume when Facts.Plan.WaitsFor == "person" => $"Let stage {Facts.Plan.Stage + 1} go on?",
        PlanMoveKind.Resume => "Resume the plan?",
        PlanMoveKind.Approve => $"Approve stage {Facts.Plan.Stage + 1}?",
        PlanMoveKind.GoTo when IsForward => $"Promote to stage {_move.Stage}?",
        PlanMoveKind.GoTo => $"Go back to stage {_move.Stage}?",
        _ => $"Recall stage {_move.Stage}?",
    };

    private string Yes => _move.Kind switch
    {
        PlanMoveKind.Start => "Start the plan",
        PlanMoveKind.Resume when Facts.Plan.WaitsFor == "person" => "Let it go on",
        PlanMoveKind.Resume => "Resume",
        PlanMoveKind.Approve => $"Approve stage {Facts.Plan.Stage + 1}",
        PlanMoveKind.GoTo when IsForward => $"Promote to stage {_move.Stage}",
        PlanMoveKind.GoTo => $"Go back to stage {_move.Stage}",
        _ => $"Recall {Say.People(_recall?.Codes ?? 0)}",
    };

    private bool IsForward => _move.Stage > Facts.Plan.Stage + 1;

    private string? Typed => _move.Kind == PlanMoveKind.Recall && _recall?.Codes >= TypedFrom ? _recall.Codes.ToString(CultureInfo.InvariantCulture) : null;

    /// <summary>Shows what would happen, and does nothing yet.</summary>
    public async Task Open(PlanMove move)
    {
        (_move, _reason) = (move, null);
        if (move.Kind == PlanMoveKind.Recall)
        {
            _recall = await AsStaff.Read<CohortQueries, RecallPreview>(q => q.RecallOfStage(move.Stage, CancellationToken.None));
            if (_recall.Codes == 0)
            {
                Notices.Say($"There is nothing to recall: nobody of stage {move.Stage} has an unused code.");
                return;
            }
        }

        StateHasChanged();
        _dialog?.Open();
    }

    private async Task<string?> Do()
    {
        var (failure, said) = _move.Kind switch
        {
            PlanMoveKind.Approve => ((await Change((x, actor) => x.Approve(actor, _reason, CancellationToken.None))).Failure, $"Stage {Facts.Plan.Stage + 1} is approved."),
            PlanMoveKind.GoTo => ((await Change((x, actor) => x.GoTo(actor, _move.Stage, _reason, CancellationToken.None))).Failure, $"The plan is at stage {_move.Stage} now."),
            PlanMoveKind.Recall => await Recall(),
            PlanMoveKind.Start => ((await Change((x, actor) => x.Run(actor, null, CancellationToken.None))).Failure, "The plan is running."),
            _ => ((await Change((x, actor) => x.Run(actor, _reason, CancellationToken.None))).Failure, "The plan goes on."),
        };
        if (failure is null)
        {
            Notices.Say(said);
            await OnDone.InvokeAsync();
        }

        // A reason that is missing is the only field there is.
        return failure is Invalid && string.IsNullOrWhiteSpace(_reason) ? "Say why, so that your colleagues can read it later." : failure?.Detail;
    }

    private Task<Outcome<bool>> Change(Func<ChangePlan, Actor, Task<Outcome<bool>>> work) => AsStaff.Do(work);

    private async Task<(Failure? Failure, string Said)> Recall()
    {
        var outcome = await AsStaff.Do<RecallCohort, int>((x, actor) => x.RecallStage(actor, _move.Stage, _reason, CancellationToken.None));
        return (outcome.Failure, $"Recalled: {Say.People(outcome.Value)} {(outcome.Value == 1 ? "waits" : "wait")} again at their old place.");
    }
}
