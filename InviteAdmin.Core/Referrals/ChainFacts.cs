using System.Data.Common;

namespace InviteAdmin.Referrals;

/// <summary>A reward by staff that stands. <c>Used</c> counts its codes that somebody signed up with; while there is none it can be taken back.</summary>
public sealed record RewardFacts(string Reason, string By, DateTimeOffset At, int Codes, int Used)
{
    /// <summary>The five columns of the reward of member m, all null without one.</summary>
    internal const string Columns =
        "g.reason, g.granted_by, g.granted_at, g.codes, (SELECT count(*)::int FROM reward_codes w JOIN invite_codes i ON i.id = w.code_id WHERE w.grant_id = g.id AND i.used_count > 0)";

    internal const string Join = "LEFT JOIN reward_grants g ON g.member_id = m.id AND g.by_staff AND g.undone_at IS NULL";

    /// <param name="first">Where <see cref="Columns"/> begin.</param>
    internal static RewardFacts? Read(DbDataReader row, int first) =>
        row.IsDBNull(first) ? null : new(row.GetString(first), row.GetString(first + 1), row.GetFieldValue<DateTimeOffset>(first + 2), row.GetInt32(first + 3), row.GetInt32(first + 4));
}

/// <summary>The member whose chain is shown. Downstream and depth are as of the last count of all chains.</summary>
public sealed record ChainHead(string UserId, string Name, string Email, string Tier, int Credited, int Held, int Downstream, int Depth, int Given, int Used, DateTimeOffset RegisteredAt, RewardFacts? Reward);

/// <summary>One link of the way up.</summary>
public sealed record ChainStep(string UserId, string Name);

/// <summary>A member directly below another. <c>Key</c> is what the next ones are asked after; <c>Status</c> that of the referral.</summary>
public sealed record ChainChild(long Key, string UserId, string Name, string Tier, string Status, int Credited, int Downstream, long Below);

/// <summary>Some of those directly below a member, in the order they came, and how many there are in all.</summary>
public sealed record ChainLevel(IReadOnlyList<ChainChild> Children, long Total);

/// <summary>A member in the drawing; <c>Parent</c> is its index there, -1 for the member the chain belongs to.</summary>
public sealed record ChainNode(string UserId, string Name, int Depth, int Parent);

/// <summary>The nearest of a chain. <c>Truncated</c> when there are more.</summary>
public sealed record ChainDrawing(IReadOnlyList<ChainNode> Nodes, bool Truncated);

/// <summary>How many stand so many steps below.</summary>
public sealed record DepthCount(int Depth, long Members);

/// <summary>A chain by depth. <c>Truncated</c> when only the nearest were counted.</summary>
public sealed record ChainDepths(IReadOnlyList<DepthCount> Levels, bool Truncated);
