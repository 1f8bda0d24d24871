using InviteAdmin.Audit;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Audit;

/// <summary>The record of staff actions, with filters that stand in the address.</summary>
public sealed partial class AuditPage : DashboardPage<AuditView>
{
    private static readonly IReadOnlyList<(string Action, string Title)> Actions =
        [.. AuditWords.Phrases.Keys.Select(a => (a, AuditWords.Title(a))).OrderBy(a => a.Item2, StringComparer.Ordinal)];

    private string? _target;
    private string? _targeted;

    [PersistentState]
    public AuditLines? Lines { get; set; }

    [PersistentState]
    public IReadOnlyList<AuditActor>? Actors { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Lines is not null;

    private string ExportHref => UrlState<AuditView>.Href("/admin/audit.csv", View with { Before = null });

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _target = _targeted = UrlState<AuditView>.Read(new Uri(Navigation.Uri).PathAndQuery).Target;
    }

    protected override async Task Load(CancellationToken cancel)
    {
        var view = View;
        Actors ??= await AsStaff.Read<AuditQueries, IReadOnlyList<AuditActor>>(q => q.Actors(cancel));
        Lines = await AsStaff.Read<AuditQueries, AuditLines>(q => q.Page(view.Filter(Zone.Current), view.Before, Pager.Size, cancel));
        // Only another address changes what stands in the box: a live update must not take away what is being typed.
        if (_targeted != view.Target)
        {
            _target = _targeted = view.Target;
        }
    }

    private void Search() => Choose(View with { Target = string.IsNullOrWhiteSpace(_target) ? null : _target.Trim() });

    private void Choose(AuditView view) => Go(view with { Before = null });

    private static string? Chosen(ChangeEventArgs e) => e.Value as string is { Length: > 0 } value ? value : null;
}
