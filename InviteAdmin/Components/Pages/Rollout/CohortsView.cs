namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>The list of cohorts as its address describes it: those before a number, or the newest.</summary>
public sealed record CohortsView
{
    public int? Before { get; init; }
}

/// <summary>One cohort as its address describes it.</summary>
public sealed record CohortView
{
    public int Page { get; init; } = 1;
}
