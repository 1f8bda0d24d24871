using InviteAdmin.Access;
using InviteAdmin.Api;
using InviteAdmin.Components.Shared;
using InviteAdmin.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Components.Pages.Developers;

/// <summary>What the open part of the page shows.</summary>
public sealed record DevelopersFacts(IReadOnlyList<KeyRow> Keys, RequestLines? Requests);

/// <summary>Snippets, keys and the request log, for owners and developers.</summary>
public sealed partial class DevelopersPage : DashboardPage<DevelopersView>
{
    private bool _refused;
    private NewKey? _made;
    private RowNews _news = RowNews.None;

    [PersistentState]
    public DevelopersFacts? Facts { get; set; }

    [Inject]
    public required IOptions<AppOptions> App { get; init; }

    [Inject]
    public required IOptions<ApiSettings> Api { get; init; }

    [Inject]
    public required IWebHostEnvironment Environment { get; init; }

    [Inject]
    public required EndpointDataSource Endpoints { get; init; }

    protected override bool HasData => Facts is not null;

    // The browser's own way to a development machine; elsewhere the address that people reach.
    private string Address => (Environment.IsDevelopment() ? Navigation.BaseUri : App.Value.PublicUrl).TrimEnd('/');

    private string? DevelopmentKey => Environment.IsDevelopment() && Api.Value.DevelopmentKey is { Length: > 0 } key ? key : null;

    private IReadOnlyList<string> Calls =>
        [.. Endpoints.Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<ApiCall>() is not null)
            .Select(e => $"{e.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0]} {e.RoutePattern.RawText}").OrderBy(c => c.Split(' ')[1], StringComparer.Ordinal)];

    protected override async Task Load(CancellationToken cancel)
    {
        var (view, following) = (View, IsFollowing);
        _refused = (await AsStaff.Actor()).Refuse(Permission.Integrate) is not null;
        if (_refused)
        {
            return;
        }

        var keys = await AsStaff.Read<KeyQueries, IReadOnlyList<KeyRow>>(q => q.All(cancel));
        var requests = view.Tab == DevelopersTab.Requests ? await AsStaff.Read<RequestLogQueries, RequestLines>(q => q.Page(view.Filter(), view.Before, Pager.Size, cancel)) : null;
        _news = RowNews.None;
        if (requests is not null && following && Facts?.Requests is { } shown)
        {
            (var held, _news) = RowNews.Hold(shown.Rows, requests.Rows, r => r.Id);
            requests = requests with { Rows = held };
        }

        Facts = new(keys, requests);
    }

    private void Made(NewKey key) => _made = key;

    private async Task Changed(string sentence)
    {
        Notices.Say(sentence);
        await Reload();
    }
}
