using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Invites;

/// <summary>All codes, with filters that stand in the address, and the form that makes one for a VIP.</summary>
public sealed partial class CodesPage : DashboardPage<CodesView>
{
    private string? _search;
    private bool _making;

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
        var view = View;
        var campaigns = await AsStaff.Read<CodeListQueries, IReadOnlyList<CampaignName>>(q => q.Campaigns(cancel));
        var unknown = await AsStaff.Read<CodeListQueries, long>(q => q.UnknownTries(cancel));
        var rows = await AsStaff.Read<CodeListQueries, CodeRows>(q => q.Page(view.Filter, view.Order, view.Page, cancel));
        (Rows, Campaigns, Unknown, _search) = (rows, campaigns, unknown, view.Filter.Search);
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
