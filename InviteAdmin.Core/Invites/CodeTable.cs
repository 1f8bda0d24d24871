namespace InviteAdmin.Invites;

/// <summary>The orders the table of codes offers; each follows an index.</summary>
public enum CodeSort
{
    Newest,
    Oldest,

    /// <summary>What runs out next; of expired codes, what ran out last.</summary>
    Ending,
}

/// <summary>What a code is at this moment: stored is only that it was revoked or lapsed, the rest is computed.</summary>
public enum CodeState
{
    Active,
    Exhausted,
    Expired,
    Lapsed,
    Revoked,
}

/// <summary>Which codes to show.</summary>
/// <param name="Campaign">A campaign's slug.</param>
/// <param name="Search">The beginning of a code, a whole email, or a part of a VIP's name.</param>
public sealed record CodeFilter(CodeKind? Kind = null, CodeState? State = null, string? Campaign = null, string? Search = null)
{
    /// <summary>The order asked for where it can be had: expired codes stand in the order of their end, and only what can still be used or has expired has a next end.</summary>
    public CodeSort Allowed(CodeSort asked) => State switch
    {
        CodeState.Expired => CodeSort.Ending,
        null or CodeState.Active => asked,
        _ => asked == CodeSort.Ending ? CodeSort.Newest : asked,
    };
}

/// <summary>One code in the table. <c>Person</c> is its owner, whom it was made for, or who was invited with it.</summary>
public sealed record CodeRow(
    string Code, string Kind, string State, string? Tier, int Used, int MaxUses, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    string? Campaign, string? CampaignSlug, string? PersonId, string? Person, int? Cohort);

/// <summary>A page of the table. <c>More</c> says that it was counted only as far as <see cref="MostCounted"/>.</summary>
public sealed record CodeRows(IReadOnlyList<CodeRow> Rows, long Total, bool More)
{
    /// <summary>Counted up to here: nobody pages further, and counting all would read a million rows.</summary>
    public const int MostCounted = 10_000;
}

/// <summary>A campaign to filter by.</summary>
public sealed record CampaignName(string Slug, string Name);
