namespace InviteAdmin.Components.Pages.Campaigns;

/// <summary>The campaigns as their address describes them.</summary>
public sealed record CampaignsView
{
    public int Page { get; init; } = 1;

    /// <summary>The form that mints is open.</summary>
    public bool Mint { get; init; }

    /// <summary>Long work that mints, whose progress is shown.</summary>
    public string? Operation { get; init; }
}

/// <summary>One campaign as its address describes it.</summary>
public sealed record CampaignView
{
    /// <summary>How many days the chart shows.</summary>
    public int Days { get; init; } = 30;

    /// <summary>The codes have just been minted.</summary>
    public bool Minted { get; init; }
}
