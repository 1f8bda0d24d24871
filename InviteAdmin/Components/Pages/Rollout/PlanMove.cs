namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>What somebody asks of the plan, before they have said why.</summary>
/// <param name="Stage">From 1; that in force where it is not another one.</param>
public sealed record PlanMove(PlanMoveKind Kind, int Stage = 0)
{
    public static readonly PlanMove Start = new(PlanMoveKind.Start);
    public static readonly PlanMove Resume = new(PlanMoveKind.Resume);
    public static readonly PlanMove Approve = new(PlanMoveKind.Approve);

    public static PlanMove GoTo(int stage) => new(PlanMoveKind.GoTo, stage);

    public static PlanMove Recall(int stage) => new(PlanMoveKind.Recall, stage);
}

/// <summary>The ways a person moves the plan.</summary>
public enum PlanMoveKind
{
    Start,
    Resume,
    Approve,
    GoTo,
    Recall,
}
