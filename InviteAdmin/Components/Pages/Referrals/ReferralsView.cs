using InviteAdmin.Referrals;

namespace InviteAdmin.Components.Pages.Referrals;

/// <summary>The parts of the referrals' page.</summary>
public enum ReferralsTab
{
    Leaderboard,
    Milestones,
    Viral,
}

/// <summary>Whether staff has rewarded a member.</summary>
public enum RewardState
{
    Any,
    Rewarded,
    Open,
}

/// <summary>The referrals' page as its address describes it.</summary>
public sealed record ReferralsView
{
    public ReferralsTab Tab { get; init; }

    public LeaderSort Sort { get; init; }

    /// <summary>What was searched for.</summary>
    public string? Q { get; init; }

    public string? Tier { get; init; }

    public RewardState Reward { get; init; }

    /// <summary>The milestone whose members are listed.</summary>
    public int? Milestone { get; init; }

    public int Page { get; init; } = 1;

    public LeaderFilter Filter => new(Q, Tier, Reward switch { RewardState.Rewarded => true, RewardState.Open => false, _ => null });

    public bool IsFiltered => Q is not null || Tier is not null || Reward != RewardState.Any;
}
