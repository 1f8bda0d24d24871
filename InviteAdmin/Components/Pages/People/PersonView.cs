using InviteAdmin.People;

namespace InviteAdmin.Components.Pages.People;

/// <summary>The parts of a person's page.</summary>
public enum PersonTab
{
    Timeline,
    Codes,
    Mails,
    Points,
    Brought,
    Notes,
}

/// <summary>One person's page as its address describes it.</summary>
public sealed record PersonView
{
    public PersonTab Show { get; init; }

    /// <summary>Only this kind of the timeline's events.</summary>
    public TimelineKind? Kind { get; init; }

    /// <summary>Of the timeline.</summary>
    public int Page { get; init; } = 1;
}
