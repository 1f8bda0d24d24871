namespace InviteAdmin.Components.Pages.Waitlist;

/// <summary>Where an import stands, as its address describes it.</summary>
public sealed record ImportView
{
    /// <summary>The uploaded file.</summary>
    public string? File { get; init; }

    public string? Name { get; init; }

    /// <summary>What the file holds: members, or people for the list.</summary>
    public string? Of { get; init; }

    /// <summary>The dry run's operation.</summary>
    public string? Check { get; init; }

    /// <summary>The import's operation.</summary>
    public string? Run { get; init; }

    /// <summary>Why the upload was refused: empty, large or form.</summary>
    public string? Refused { get; init; }
}
