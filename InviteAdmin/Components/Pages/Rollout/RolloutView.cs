using InviteAdmin.Rollout;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>The plan's history as the address of the page describes it.</summary>
public sealed record RolloutView
{
    public DecisionKind? Show { get; init; }

    /// <summary>From 1.</summary>
    public int? Stage { get; init; }

    /// <summary>The last decision of the page before.</summary>
    public long? Before { get; init; }

    internal bool IsFiltered => Show is not null || Stage is not null;

    internal DecisionFilter Filter => new(Show, Stage);
}
