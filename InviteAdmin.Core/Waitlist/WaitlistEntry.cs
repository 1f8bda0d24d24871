namespace InviteAdmin.Waitlist;

/// <summary>Where an entry stands. An invitation that lapses returns its entry to <see cref="Waiting"/> once.</summary>
public enum EntryStatus
{
    Unconfirmed,
    Waiting,
    Invited,
    Registered,
    Declined,
}

/// <summary>One email on the waitlist.</summary>
public sealed class WaitlistEntry
{
    public long Id { get; set; }

    public required string PublicId { get; set; }

    /// <summary>Deliverable form; mail goes here.</summary>
    public required string Email { get; set; }

    /// <summary>The form that finds duplicates; unique.</summary>
    public required string CanonicalEmail { get; set; }

    public required string Name { get; set; }

    public EntryStatus Status { get; set; }

    /// <summary>Join order from a sequence, never reused.</summary>
    public long Position { get; set; }

    /// <summary>Sum of the entry's ledger rows, always.</summary>
    public int Points { get; set; }

    public long? SourceId { get; set; }

    public Source? Source { get; set; }

    /// <summary>The entry whose link brought this one.</summary>
    public long? ReferredById { get; set; }

    public WaitlistEntry? ReferredBy { get; set; }

    /// <summary>Public: stands in the link the person shares.</summary>
    public required string ReferralToken { get; set; }

    /// <summary>Private: opens the person's own status page.</summary>
    public required string StatusToken { get; set; }

    public string? ConfirmToken { get; set; }

    public DateTimeOffset? ConfirmExpiresAt { get; set; }

    public DateTimeOffset JoinedAt { get; set; }

    public DateTimeOffset? ConfirmedAt { get; set; }

    public DateTimeOffset? InvitedAt { get; set; }

    public DateTimeOffset? RegisteredAt { get; set; }

    public DateTimeOffset? DeclinedAt { get; set; }

    /// <summary>person, staff, lapse or member (registered through another address).</summary>
    public string? DeclineReason { get; set; }

    /// <summary>How many invitations ran out unused.</summary>
    public int Lapses { get; set; }

    /// <summary>Why releases pass this entry by: excluded, suppressed or review; null for most.</summary>
    public string? Hold { get; set; }

    public string? HoldReason { get; set; }

    /// <summary>The cohort of the latest invitation.</summary>
    public long? CohortId { get; set; }

    /// <summary>The import that brought it, if one did.</summary>
    public long? ImportId { get; set; }

    /// <summary>Set on rows of the demo launch, so that they can be removed together.</summary>
    public bool Demo { get; set; }
}
