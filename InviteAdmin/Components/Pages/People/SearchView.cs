namespace InviteAdmin.Components.Pages.People;

/// <summary>The search as its address describes it.</summary>
public sealed record SearchView
{
    public string? Q { get; init; }
}
