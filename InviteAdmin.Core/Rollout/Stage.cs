namespace InviteAdmin.Rollout;

/// <summary>A step of the plan: batches of one size on the plan's days, then a soak, then a gate.</summary>
/// <param name="BatchSize">People a day.</param>
/// <param name="Batches">How many batches; null until nobody waits.</param>
/// <param name="SoakDays">Whole local days after the last batch on which nothing is sent.</param>
/// <param name="Approval">auto, or manual: then a person lets the next stage begin once the gate has passed.</param>
public sealed record Stage(string Name, int BatchSize, int? Batches, int SoakDays, string Approval, IReadOnlyList<GateCondition> Gate)
{
    public bool NeedsApproval => Approval == "manual";
}
