namespace InviteAdmin.People;

/// <summary>What kind of thing happened.</summary>
public enum TimelineKind
{
    /// <summary>Joining, confirming, being invited, leaving, registering.</summary>
    List,
    Points,
    Mails,
    Codes,
    Referrals,
    Staff,
    Notes,
}

/// <summary>One thing that happened to a person.</summary>
/// <param name="What">The event as a sentence without its full stop.</param>
/// <param name="By">The staff member or key that did it.</param>
/// <param name="Why">The reason given, or what went wrong.</param>
/// <param name="Href">Where more of it stands.</param>
public sealed record TimelineEvent(DateTimeOffset At, TimelineKind Kind, string What, string? By = null, string? Why = null, string? Href = null);

/// <summary>A page of what happened, newest first.</summary>
public sealed record TimelineRows(IReadOnlyList<TimelineEvent> Rows, bool More);
