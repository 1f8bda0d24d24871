using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>The milestones and the form that adds or edits one. A new one says first whom it rewards at once.</summary>
public sealed partial class MilestoneSettings
{
    private ConfirmDialog? _add;
    private ConfirmDialog? _remove;
    private MilestoneRow? _editing;
    private MilestoneRow? _removing;
    private MilestoneRow? _theirs;
    private int _threshold = 100;
    private int _codes = 3;
    private string? _tier;
    private long _reached;
    private bool _may;
    private bool _busy;
    private bool _stale;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<MilestoneRow> Milestones { get; set; }

    /// <summary>The threshold whose form is open.</summary>
    [Parameter, EditorRequired]
    public long? Edit { get; set; }

    [Parameter, EditorRequired]
    public required Func<long?, string> Href { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<string> OnSaved { get; set; }

    /// <summary>Reads again, without a word.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnLook { get; set; }

    private string Reached => _reached > ChangeMilestone.MostGranted ? $"More than {Say.Number(ChangeMilestone.MostGranted)}" : Say.Number(_reached);

    protected override async Task OnParametersSetAsync()
    {
        _may = (await AsStaff.Actor()).Refuse(Permission.Administer) is null;
        if (Edit != _editing?.Threshold)
        {
            Fill(Milestones.FirstOrDefault(m => m.Threshold == Edit));
        }
        else if (_stale)
        {
            _theirs = Milestones.FirstOrDefault(m => m.Threshold == Edit);
        }
    }

    private void Fill(MilestoneRow? row) =>
        (_editing, _threshold, _codes, _tier, _theirs, _stale, _wrong, _said) = (row, row?.Threshold ?? 100, row?.Codes ?? 3, row?.Tier, null, false, null, null);

    private async Task Save()
    {
        if (_busy || !_may)
        {
            return;
        }

        if (_editing is null)
        {
            _reached = await AsStaff.Read<MilestoneQueries, long>(q => q.HaveBrought(_threshold, CancellationToken.None));
            _add?.Open();
            return;
        }

        _busy = true;
        var (row, codes, tier) = (_editing, _codes, _tier);
        var failure = (await AsStaff.Do<ChangeMilestone, bool>((x, actor) => x.Edit(actor, row.Threshold, codes, tier, row.Version, CancellationToken.None))).Failure;
        _busy = false;
        Take(failure);
        if (failure is null)
        {
            await OnSaved.InvokeAsync($"The milestone at {Say.Number(row.Threshold)} is saved.");
        }
        else if (_stale)
        {
            await OnLook.InvokeAsync();
        }
    }

    private async Task<string?> Add()
    {
        var (threshold, codes, tier) = (_threshold, _codes, _tier);
        var outcome = await AsStaff.Do<ChangeMilestone, int>((x, actor) => x.Add(actor, threshold, codes, tier, CancellationToken.None));
        Take(outcome.Failure);
        if (outcome.Succeeded)
        {
            Fill(null);
            await OnSaved.InvokeAsync(outcome.Value == 0
                ? $"The milestone at {Say.Number(threshold)} is added."
                : $"The milestone at {Say.Number(threshold)} is added and granted to {Say.Count(outcome.Value, "member", "members")}.");
        }

        return outcome.Failure?.Detail;
    }

    private void Take(Failure? failure)
    {
        (_wrong, _stale) = (failure as Invalid, failure is StaleEdit);
        _said = failure is null or Invalid or StaleEdit ? null : failure.Detail;
    }

    private void TakeTheirs() => Fill(_theirs);

    private Task KeepMine()
    {
        (_editing, _theirs, _stale) = (_theirs, null, false);
        return Save();
    }

    private void AskRemove(MilestoneRow row)
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

        var outcome = await AsStaff.Do<ChangeMilestone, bool>((x, actor) => x.Remove(actor, row.Threshold, row.Version, CancellationToken.None));
        if (outcome.Succeeded)
        {
            await OnSaved.InvokeAsync($"The milestone at {Say.Number(row.Threshold)} is removed. Its grants stay.");
        }

        return outcome.Failure?.Detail;
    }
}
