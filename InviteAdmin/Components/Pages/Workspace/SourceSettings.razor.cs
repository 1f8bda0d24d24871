using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>The sources with their links and points, and the form that adds or edits one.</summary>
public sealed partial class SourceSettings
{
    private ConfirmDialog? _remove;
    private SourceRow? _editing;
    private SourceRow? _removing;
    private SourceRow? _theirs;
    private string? _name;
    private int _points;
    private bool _may;
    private bool _busy;
    private bool _stale;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<SourceRow> Sources { get; set; }

    /// <summary>The id whose form is open.</summary>
    [Parameter, EditorRequired]
    public long? Edit { get; set; }

    [Parameter, EditorRequired]
    public required Func<long?, string> Href { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<string> OnSaved { get; set; }

    /// <summary>Reads again, without a word.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnLook { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        _may = (await AsStaff.Actor()).Refuse(Permission.Administer) is null;
        // What somebody is typing stays, also when the row was changed meanwhile: saving it will show both.
        if (Edit != _editing?.Id)
        {
            Fill(Sources.FirstOrDefault(s => s.Id == Edit));
        }
        else if (_stale)
        {
            _theirs = Sources.FirstOrDefault(s => s.Id == Edit);
        }
    }

    private static string PeopleHref(SourceRow source) => $"/admin/waitlist?show=all&source={Uri.EscapeDataString(source.Name)}";

    private void Fill(SourceRow? row) => (_editing, _name, _points, _theirs, _stale, _wrong, _said) = (row, row?.Name, row?.Points ?? 0, null, false, null, null);

    private void Open(SourceRow row) => Navigation.NavigateTo(Href(row.Id));

    private async Task Save()
    {
        if (_busy || !_may)
        {
            return;
        }

        _busy = true;
        var (name, points, editing) = (_name, _points, _editing);
        Failure? failure = editing is null
            ? (await AsStaff.Do<ChangeSource, long>((x, actor) => x.Add(actor, name, points, CancellationToken.None))).Failure
            : (await AsStaff.Do<ChangeSource, bool>((x, actor) => x.Edit(actor, editing.Id, name, points, editing.Version, CancellationToken.None))).Failure;
        _busy = false;
        (_wrong, _stale) = (failure as Invalid, failure is StaleEdit);
        _said = failure is null or Invalid or StaleEdit ? null : failure.Detail;
        if (failure is null)
        {
            Fill(null);
            await OnSaved.InvokeAsync(editing is null ? $"{name} is added. Copy its link to where you announce." : $"{name} is saved.");
        }
        else if (_stale)
        {
            await OnLook.InvokeAsync();
        }
    }

    private void TakeTheirs() => Fill(_theirs);

    private Task KeepMine()
    {
        (_editing, _theirs, _stale) = (_theirs, null, false);
        return Save();
    }

    private async Task Retire(SourceRow row, bool retire)
    {
        var outcome = await AsStaff.Do<ChangeSource, bool>((x, actor) => x.Retire(actor, row.Id, retire, CancellationToken.None));
        if (outcome.Succeeded)
        {
            Notices.Done(retire ? $"{row.Name} is retired: its link gives no points." : $"{row.Name} gives points again.",
                () => AsStaff.Do<ChangeSource, bool>((x, actor) => x.Retire(actor, row.Id, !retire, CancellationToken.None)));
            await OnLook.InvokeAsync();
        }
        else
        {
            Notices.Say(outcome.Failure.Detail);
        }
    }

    private void AskRemove(SourceRow row)
    {
        _removing = row;
        _remove?.Open();
    }

    private async Task<string?> Remove()
    {
        if (_removing is not { } row)
        {
            return null;
        }

        var outcome = await AsStaff.Do<ChangeSource, bool>((x, actor) => x.Remove(actor, row.Id, CancellationToken.None));
        if (outcome.Succeeded)
        {
            await OnSaved.InvokeAsync($"{row.Name} is removed.");
        }

        return outcome.Failure?.Detail;
    }
}
