namespace InviteAdmin.Referrals;

/// <summary>Member A brought member B; one referrer per member. Counted while its status is credited.</summary>
public sealed class Referral
{
    public long Id { get; set; }

    public long ReferrerMemberId { get; set; }

    public long ReferredMemberId { get; set; }

    /// <summary>The referrer's personal code, when that is how it came; otherwise it came by their link.</summary>
    public long? CodeId { get; set; }

    /// <summary>credited, held or rejected.</summary>
    public required string Status { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A rule: at this many credited referrals a member is granted codes and, when set, a tier.</summary>
public sealed class Milestone
{
    public int Threshold { get; set; }

    public int Codes { get; set; }

    public string? Tier { get; set; }
}

/// <summary>Codes granted to a member: once per milestone, or by staff.</summary>
public sealed class RewardGrant
{
    public long Id { get; set; }

    public long MemberId { get; set; }

    /// <summary>The milestone reached; null for a grant by staff or through the API.</summary>
    public int? Threshold { get; set; }

    public int Codes { get; set; }

    public string? Tier { get; set; }

    public string? Reason { get; set; }

    public DateTimeOffset GrantedAt { get; set; }
}
