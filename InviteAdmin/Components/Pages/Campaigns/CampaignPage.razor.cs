using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Campaigns;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Live;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Campaigns;

/// <summary>Everything a campaign's page shows, read together; no detail when there is no such campaign, no reach where counting it waits for the live page.</summary>
public sealed record CampaignFacts(CampaignDetail? Detail, IReadOnlyList<CampaignCodeLink> Codes, CampaignReach? Reach);

/// <summary>How many of a campaign's people have brought others, and when people registered.</summary>
public sealed record CampaignReach(long BroughtOthers, IReadOnlyList<CampaignDay> ByDay);

/// <summary>One campaign: how far its codes have brought people, the codes themselves, and the way to take them all back.</summary>
public sealed partial class CampaignPage : DashboardPage<CampaignView>
{
    private const int TypedFrom = 500;
    private const int MostCodes = 25;

    // Following more people than this takes longer than the first look at a page may.
    private const int MostAtOnce = 20_000;
    private static readonly int[] Ranges = [14, 30, 90];

    private ConfirmDialog? _revoke;
    private string? _reason;
    private bool _mayUndo;

    [Parameter]
    public required string Slug { get; set; }

    [PersistentState]
    public CampaignFacts? Facts { get; set; }

    [Inject]
    public required TimeProvider Time { get; init; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Facts is not null;

    private int Days => Ranges.Contains(View.Days) ? View.Days : 30;

    private string CodesHref => $"/admin/codes?campaign={Uri.EscapeDataString(Slug)}";

    protected override async Task Load(CancellationToken cancel)
    {
        var (slug, days) = (Slug, Days);
        var detail = await AsStaff.Read<CampaignPageQueries, CampaignDetail?>(q => q.Find(slug, cancel));
        if (detail is null)
        {
            Facts = new(null, [], null);
            return;
        }

        var codes = await AsStaff.Read<CampaignPageQueries, IReadOnlyList<CampaignCodeLink>>(q => q.FirstCodes(slug, MostCodes, cancel));
        if (detail.Registered > MostAtOnce && !RendererInfo.IsInteractive)
        {
            Facts = new(detail, codes, null);
            return;
        }

        var brought = detail.Registered == 0 ? 0 : await AsStaff.Read<CampaignPageQueries, long>(q => q.BroughtOthers(slug, cancel));
        var byDay = await AsStaff.Read<CampaignPageQueries, IReadOnlyList<CampaignDay>>(q => q.ByDay(slug, Zone.Today.AddDays(1 - days), Zone.Today, Zone.Current, cancel));
        Facts = new(detail, codes, new(brought, byDay));
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && Facts is { Detail: not null, Reach: null })
        {
            _ = InvokeAsync(Reload);
        }
    }

    protected override async Task OnParametersSetAsync() => _mayUndo = (await AsStaff.Actor()).Refuse(Permission.Mint) is null;

    private string Sentence(CampaignDetail detail) => string.Create(CultureInfo.InvariantCulture,
        $"Minted {Zone.Local(detail.CreatedAt):d MMM yyyy} by {detail.CreatedBy}{(detail.Tier is null ? "" : $", gives the tier “{detail.Tier}”")}. {(detail.ExpiresAt is { } end ? $"{(end > Time.GetUtcNow() ? "Runs" : "Ran")} out {Zone.Local(end):d MMM yyyy}." : "Never runs out.")}");

    private static string Limit(CampaignDetail detail) => detail.MaxUsesEach == 1 ? "one use each" : $"{Say.Number(detail.MaxUsesEach)} uses each";

    private static string Finding(IReadOnlyList<CampaignDay> days)
    {
        var (today, yesterday, all) = (days[^1].Registered, days[^2].Registered, days.Sum(d => d.Registered));
        return all == 0 ? $"Nobody has registered with these codes in the last {days.Count} days."
            : $"{Say.People(all)} registered with these codes in {days.Count} days: {Say.Number(yesterday)} yesterday, {Say.Number(today)} so far today.";
    }

    private async Task<string?> Revoke()
    {
        var outcome = await AsStaff.Do<RevokeCampaign, RevokedCampaign>((x, actor) => x.All(actor, Slug, _reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            await Reload();
        }

        return outcome.Failure?.Detail;
    }

    private async Task Undo()
    {
        var outcome = await AsStaff.Do<UndoRevocation, RevocationUndone>((x, actor) => x.OfCampaign(actor, Slug, CancellationToken.None));
        await Reload();
        Notices.Say(outcome.Failure?.Detail ?? (outcome.Value!.Codes == 0 ? "That was undone already." : $"{Say.Count(outcome.Value.Codes, "code works", "codes work")} again."));
    }
}
