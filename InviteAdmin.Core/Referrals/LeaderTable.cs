namespace InviteAdmin.Referrals;

/// <summary>The orders of the leaderboard; each follows an index.</summary>
public enum LeaderSort
{
    /// <summary>Most credited referrals first, then who registered first.</summary>
    Credited,

    /// <summary>Most people below them in the chain first.</summary>
    Downstream,

    /// <summary>Most held referrals first.</summary>
    Held,
}

/// <summary>Which members to show.</summary>
/// <param name="Search">A part of a name or email.</param>
/// <param name="Tier">One tier, or all.</param>
/// <param name="Rewarded">Rewarded by staff or not, or all.</param>
public sealed record LeaderFilter(string? Search = null, string? Tier = null, bool? Rewarded = null);

/// <summary>One member of the leaderboard. Given and used are their personal codes. Below, depth, held and codes are as of the last count.</summary>
public sealed record LeaderRow(
    string UserId, string Name, string Email, string Tier, int Credited, int Held, int Downstream, int Depth, int Given, int Used, DateTimeOffset? RewardedAt, bool RewardIsUsed);

/// <summary>A page of the leaderboard. <c>More</c> says that it was counted only as far as <see cref="MostCounted"/>.</summary>
public sealed record LeaderRows(IReadOnlyList<LeaderRow> Rows, long Total, bool More, DateTimeOffset? CountedAt)
{
    public const int MostCounted = 10_000;
}

/// <summary>A member who reached a milestone.</summary>
public sealed record ReachedRow(string UserId, string Name, string Email, string Tier, int Credited, DateTimeOffset At);
