namespace InviteAdmin.People;

/// <summary>A registered user of the company's product, who came in by one redemption of one code.</summary>
public sealed class Member
{
    public long Id { get; set; }

    public required string PublicId { get; set; }

    public required string Email { get; set; }

    public required string CanonicalEmail { get; set; }

    public required string Name { get; set; }

    /// <summary>standard, vip, or what a campaign gives.</summary>
    public required string Tier { get; set; }

    public long? EntryId { get; set; }

    /// <summary>Counter behind the leaderboard's index; equals the credited referrals, always.</summary>
    public int CreditedReferrals { get; set; }

    /// <summary>Personal codes given at registration; with the grants, what a member may hold.</summary>
    public int BaseCodes { get; set; }

    public DateTimeOffset RegisteredAt { get; set; }

    public bool Demo { get; set; }
}
