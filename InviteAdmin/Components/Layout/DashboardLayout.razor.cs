using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace InviteAdmin.Components.Layout;

/// <summary>The frame: navigation, search, the primary action, the person, and the line that tells what just happened.</summary>
public sealed partial class DashboardLayout : IDisposable
{
    private static readonly (string Href, string Icon, string Text, string Key)[] Links =
    [
        ("/admin", "monitoring", "Overview", "o"),
        ("/admin/waitlist", "group", "Waitlist", "w"),
        ("/admin/cohorts", "rocket_launch", "Cohorts", "c"),
        ("/admin/rollout", "event_repeat", "Rollout", "r"),
        ("/admin/codes", "password", "Codes", "d"),
        ("/admin/campaigns", "confirmation_number", "Campaigns", "k"),
        ("/admin/people", "person_search", "People", "p"),
        ("/admin/referrals", "account_tree", "Referrals", "f"),
        ("/admin/insights", "insights", "Insights", "i"),
        ("/admin/emails", "mail", "Emails", "e"),
        ("/admin/webhooks", "webhook", "Webhooks", "h"),
        ("/admin/jobs", "schedule", "Jobs", "j"),
        ("/admin/audit", "fact_check", "Audit", "a"),
        ("/admin/developers", "code", "Developers", "v"),
        ("/admin/settings", "tune", "Settings", "s"),
        ("/admin/system", "dns", "System", "y"),
    ];

    /// <summary>The pages, for the palette and the list of shortcuts.</summary>
    public static readonly IReadOnlyList<PageLink> Pages = [.. Links.Select(l => new PageLink(l.Href, l.Icon, l.Text, l.Key))];

    private FaultBoundary? _boundary;
    private bool _menu;
    private DateTimeOffset _until;
    private Notice? _seen;

    [Inject]
    public required Notices Notices { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    protected override void OnInitialized()
    {
        Notices.Changed += Show;
        Navigation.LocationChanged += Arrived;
    }

    private void Show() => _ = InvokeAsync(() =>
    {
        if (Notices.Current is { } notice && notice != _seen)
        {
            (_seen, _until) = (notice, Time.GetUtcNow().AddSeconds(notice.Seconds));
        }

        StateHasChanged();
    });

    private void Arrived(object? sender, LocationChangedEventArgs e) => _ = InvokeAsync(() =>
    {
        _menu = false;
        _boundary?.Recover();
        StateHasChanged();
    });

    private async Task Undo(Notice notice)
    {
        await notice.TakeBack();
        Notices.Clear(notice);
    }

    private async Task Over(Notice notice)
    {
        Notices.Clear(notice);
        await notice.Run();
    }

    public void Dispose()
    {
        Notices.Changed -= Show;
        Navigation.LocationChanged -= Arrived;
        // A dashboard that is closed does what it had promised to do.
        _ = Notices.Current?.Run();
    }
}
