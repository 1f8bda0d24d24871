using InviteAdmin.Components.Shared;
using InviteAdmin.People;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.People;

/// <summary>The list of everybody and the one search for a person; an email, code or id that names exactly one opens them.</summary>
public sealed partial class PeoplePage : DashboardPage<PeopleView>
{
    private string? _search;
    private string? _searched;

    [PersistentState]
    public PeopleRows? Rows { get; set; }

    [PersistentState]
    public IReadOnlyList<string>? Tiers { get; set; }

    protected override bool HasData => Rows is not null;

    // Found by how their names begin; there may be more.
    private bool MayLookInside => Sought.Parse(View.Q) is { Emails.Count: 0, Id: null } && !View.Inside && Rows?.Code is null;

    private string ExportHref => UrlState<PeopleView>.Href("/admin/people.csv", View with { Page = 1 });

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _search = _searched = UrlState<PeopleView>.Read(new Uri(Navigation.Uri).PathAndQuery).Q;
    }

    protected override async Task Load(CancellationToken cancel)
    {
        var view = View;
        Tiers ??= await AsStaff.Read<PeopleQueries, IReadOnlyList<string>>(q => q.Tiers(cancel));
        var rows = await AsStaff.Read<PeopleQueries, PeopleRows>(q => q.Page(view.Filter, view.Sort, view.Page, cancel));
        // Pasted from a mail: what names one person opens them. Who came back by the browser's way back is not sent forth again, because the address was replaced.
        if (rows is { Exact: true, Rows: [var only] } && view is { Show: PeopleShow.All, Tier: null })
        {
            Navigation.NavigateTo($"/admin/people/{only.Id}", replace: true);
        }

        Rows = rows;
        // Only another address changes what stands in the box: a live update must not take away what is being typed.
        if (_searched != view.Q)
        {
            _search = _searched = view.Q;
        }
    }

    private void Search() => Go(View with { Q = string.IsNullOrWhiteSpace(_search) ? null : _search.Trim(), Inside = false, Page = 1 });

    private void ChooseTier(ChangeEventArgs e) =>
        Go(View with { Tier = e.Value as string is { Length: > 0 } tier ? tier : null, Show = e.Value is "" or null ? View.Show : PeopleShow.All, Sort = PeopleSort.Newest, Page = 1 });
}
