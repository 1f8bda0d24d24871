using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Invites;

/// <summary>All codes, with filters that stand in the address, and the form that makes one for a VIP.</summary>
public sealed partial class CodesPage : DashboardPage<CodesView>
{
    private string? _search;
    private bool _making;
    private RowNews _news = RowNews.None;

    [PersistentState]
    public CodeRows? Rows { get; set; }

    [PersistentState]
    public IReadOnlyList<CampaignName>? Campaigns { get; set; }

    [PersistentState]
    public long Unknown { get; set; }

    protected override bool HasData => Rows is not null;

    private string ExportHref => UrlState<CodesView>.Href("/admin/codes.csv", View with { Page = 1 });

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _search = UrlState<CodesView>.Read(new Uri(Navigation.Uri).PathAndQuery).Filter.Search;
    }

    protected override async Task Load(CancellationToken cancel)
    {
        var (view, following) = (View, IsFollowing);
        var campaigns = await AsStaff.Read<CodeListQueries, IReadOnlyList<CampaignName>>(q => q.Campaigns(cancel));
        var unknown = await AsStaff.Read<CodeListQueries, long>(q => q.UnknownTries(cancel));
        var rows = await AsStaff.Read<CodeListQueries, CodeRows>(q => q.Page(view.Filter, view.Order, view.Page, cancel));
        (var held, _news) = following ? RowNews.Hold(Rows!.Rows, rows.Rows, r => r.Code) : (rows.Rows, RowNews.None);
        (Rows, Campaigns, Unknown) = (rows with { Rows = held }, campaigns, unknown);
        // What somebody is typing is theirs until they search or leave.
        _search = following ? _search : view.Filter.Search;
    }

    private void Search() => Go(View with { Q = string.IsNullOrWhiteSpace(_search) ? null : _search.Trim(), Page = 1 });

    private void VipMade(string? code)
    {
        _making = false;
        if (code is not null)
        {
            Navigation.NavigateTo($"/admin/codes/{code}");
        }
    }

    private static string Value<T>(T? choice) where T : struct, Enum => choice is { } chosen ? chosen.ToString().ToLowerInvariant() : "";

    private static string Value<T>(T choice) where T : struct, Enum => choice.ToString().ToLowerInvariant();

    private static T? Choice<T>(ChangeEventArgs e) where T : struct, Enum => Enum.TryParse<T>(e.Value as string, true, out var choice) ? choice : null;
}
