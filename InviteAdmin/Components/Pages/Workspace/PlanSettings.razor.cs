using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>Capacity and zone, which are the plan's; the rest of the plan goes along as it is.</summary>
public sealed partial class PlanSettings
{
    private int? _capacity;
    private string _zone = "";
    private int? _version;
    private bool _may;
    private bool _busy;
    private bool _stale;
    private bool _touched;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Parameter, EditorRequired]
    public required PlanFacts Plan { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<string> OnSaved { get; set; }

    /// <summary>Reads again, without a word.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnLook { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (_version is null || (!_touched && _version != Plan.Version))
        {
            Take();
        }

        _may = (await AsStaff.Actor()).Refuse(Permission.Release) is null;
    }

    private static string Seats(int? capacity) => capacity is { } seats ? Say.Number(seats) : "no limit";

    private void Take() => (_capacity, _zone, _version, _touched, _stale, _wrong, _said) = (Plan.Capacity, Plan.Zone, Plan.Version, false, false, null, null);

    private void Touch() => _touched = true;

    private async Task Save()
    {
        if (_busy || !_may)
        {
            return;
        }

        _busy = true;
        var request = Plan.AsRequest() with { Zone = _zone.Trim(), Capacity = _capacity, Version = _version };
        var outcome = await AsStaff.Do<ChangePlan, PlanSaved>((x, actor) => x.Edit(actor, request, CancellationToken.None));
        _busy = false;
        (_wrong, _stale) = (outcome.Failure as Invalid, outcome.Failure is PlanChanged);
        _said = outcome.Failure is null or Invalid or PlanChanged ? null : outcome.Failure.Detail;
        if (outcome.Succeeded)
        {
            _touched = false;
            await OnSaved.InvokeAsync("Capacity and zone are saved.");
        }
        else if (_stale)
        {
            await OnLook.InvokeAsync();
        }
    }

    private Task KeepMine()
    {
        (_version, _stale) = (Plan.Version, false);
        return Save();
    }
}
