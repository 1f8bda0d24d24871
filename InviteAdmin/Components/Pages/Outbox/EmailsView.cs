namespace InviteAdmin.Components.Pages.Outbox;

/// <summary>The outbox as its address describes it.</summary>
public sealed record EmailsView
{
    public string? State { get; init; }

    public string? Template { get; init; }

    /// <summary>A recipient's address.</summary>
    public string? To { get; init; }

    public long? Before { get; init; }
}
