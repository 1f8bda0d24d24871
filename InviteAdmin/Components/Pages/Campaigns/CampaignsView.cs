namespace InviteAdmin.Components.Pages.Campaigns;

/// <summary>The campaigns as their address describes them.</summary>
public sealed record CampaignsView
{
    public int Page { get; init; } = 1;
}
