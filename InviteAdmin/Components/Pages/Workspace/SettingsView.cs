namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>A part of the settings that is saved by itself.</summary>
public enum SettingsSection
{
    Sources,
    Points,
    Milestones,
    Lifetimes,
    Plan,
    Brand,
    Alerts,
    Team,
}

/// <summary>The settings page as its address describes it.</summary>
public sealed record SettingsView
{
    public SettingsSection Section { get; init; }

    /// <summary>The row whose form is open: a source's id, a milestone's number or a staff member's id.</summary>
    public long? Edit { get; init; }

    /// <summary>Why an uploaded picture was not taken, in a word.</summary>
    public string? Refused { get; init; }

    /// <summary>Points for arriving that are tried, together with <see cref="Brought"/>.</summary>
    public int? Arrived { get; init; }

    /// <summary>Points for bringing somebody that are tried.</summary>
    public int? Brought { get; init; }
}
