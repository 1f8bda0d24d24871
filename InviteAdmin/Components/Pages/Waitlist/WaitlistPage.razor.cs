using InviteAdmin.Components.Shared;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Waitlist;

/// <summary>The list of everybody, with filters that stand in the address and one person at a time beside it.</summary>
public sealed partial class WaitlistPage : DashboardPage<WaitlistView>
{
    private string? _search;
    private RowNews _news = RowNews.None;

    [PersistentState]
    public WaitlistRows? Rows { get; set; }

    [PersistentState]
    public WaitlistPerson? Person { get; set; }

    [PersistentState]
    public IReadOnlyList<string>? Sources { get; set; }

    protected override bool HasData => Rows is not null;

    private string ExportHref => UrlState<WaitlistView>.Href("/admin/waitlist.csv", View with { Page = 1, Person = null });

    private string EmptySentence => View.Show switch
    {
        Show.Held => "People you exclude, who unsubscribed or who wait for review would stand here; releases pass them by.",
        Show.Unconfirmed => "People who joined and have not followed the link in their confirmation mail would stand here.",
        Show.Invited => "People who were invited and have not signed up yet would stand here.",
        Show.Registered => "People who used their code would stand here.",
        _ => "People who said no, or whose invitations ran out twice, would stand here.",
    };

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _search = UrlState<WaitlistView>.Read(new Uri(Navigation.Uri).PathAndQuery).Q;
    }

    protected override async Task Load(CancellationToken cancel)
    {
        Sources ??= await AsStaff.Read<WaitlistQueries, IReadOnlyList<string>>(q => q.Sources(cancel));
        var (view, following) = (View, IsFollowing);
        var person = view.Person is null ? null : await AsStaff.Read<WaitlistQueries, WaitlistPerson?>(q => q.Person(view.Person, cancel));
        var rows = await AsStaff.Read<WaitlistQueries, WaitlistRows>(q => q.Page(view.Filter, view.Order, view.Page, cancel));
        (var held, _news) = following ? RowNews.Hold(Rows!.Rows, rows.Rows, r => r.Id) : (rows.Rows, RowNews.None);
        (Rows, Person) = (rows with { Rows = held }, person);
        // What somebody is typing is theirs until they search or leave.
        _search = following ? _search : view.Q;
    }

    private void Search() => Go(View with { Q = string.IsNullOrWhiteSpace(_search) ? null : _search.Trim(), Page = 1, Person = null });

    private void ChooseSource(ChangeEventArgs e) => Go(View with { Source = e.Value as string is { Length: > 0 } source ? source : null, Page = 1, Person = null });
}
