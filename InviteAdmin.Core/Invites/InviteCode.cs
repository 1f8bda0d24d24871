namespace InviteAdmin.Invites;

/// <summary>The four kinds of code.</summary>
public enum CodeKind
{
    Personal,
    Campaign,
    Vip,
    Waitlist,
}

/// <summary>An invite code. Stored status is active or revoked; exhausted and expired are computed, so they are never stale.</summary>
public sealed class InviteCode
{
    public long Id { get; set; }

    /// <summary>Canonical form, unique; see <see cref="CodeText"/>.</summary>
    public required string Code { get; set; }

    /// <summary>As people see it, with dashes.</summary>
    public required string Shown { get; set; }

    public CodeKind Kind { get; set; }

    public long? CampaignId { get; set; }

    public long? OwnerMemberId { get; set; }

    public long? CohortId { get; set; }

    public long? EntryId { get; set; }

    public string? Tier { get; set; }

    public int MaxUses { get; set; }

    public int UsedCount { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>When an unused waitlist invitation was taken back because it ran out.</summary>
    public DateTimeOffset? LapsedAt { get; set; }

    /// <summary>active or revoked.</summary>
    public string Status { get; set; } = "active";

    public DateTimeOffset? RevokedAt { get; set; }

    public string? RevokedReason { get; set; }

    /// <summary>The staff member or key who revoked it; null when a rule did.</summary>
    public string? RevokedBy { get; set; }

    /// <summary>The named person of a VIP code.</summary>
    public string? PersonName { get; set; }

    public string? PersonEmail { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>One use of a code by one member.</summary>
public sealed class Redemption
{
    public long Id { get; set; }

    public long MemberId { get; set; }

    public long CodeId { get; set; }

    public DateTimeOffset RedeemedAt { get; set; }
}
