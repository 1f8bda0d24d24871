namespace InviteAdmin.Components.Pages.Jobs;

/// <summary>The jobs page as its address describes it.</summary>
public sealed record JobsView
{
    public string? Job { get; init; }

    public bool Failed { get; init; }

    public int Page { get; init; } = 1;
}
