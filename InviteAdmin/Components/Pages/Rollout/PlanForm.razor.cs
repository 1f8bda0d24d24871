using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>The plan's settings, with a sentence beside each field that is wrong.</summary>
public sealed partial class PlanForm
{
    private static readonly string[] CommonZones =
        ["Etc/UTC", "Europe/Berlin", "Europe/London", "Europe/Paris", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney"];

    private HashSet<string> _days = [];
    private int _batch;
    private int? _capacity;
    private TimeOnly _sendAt;
    private string _zone = "";
    private int _version;
    private bool _may;
    private bool _saving;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Parameter, EditorRequired]
    public required PlanFacts Plan { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnSaved { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        _may = (await AsStaff.Actor()).Refuse(Permission.Release) is null;
        // What somebody is typing stays, until the plan itself is another one.
        if (_version != Plan.Version)
        {
            (_version, _batch, _capacity, _sendAt, _zone, _days) = (Plan.Version, Plan.BatchSize, Plan.Capacity, Plan.SendAt, Plan.Zone, [.. Plan.Days]);
        }
    }

    private void Toggle(string day)
    {
        if (!_days.Remove(day))
        {
            _days.Add(day);
        }
    }

    private async Task Save()
    {
        _saving = true;
        var request = new PlanRequest(_zone.Trim(), _sendAt.ToString("HH:mm", CultureInfo.InvariantCulture), [.. _days], _capacity, null, [new("Everyone", _batch, null, 0, "auto", [])], _version);
        var outcome = await AsStaff.Do<ChangePlan, PlanSaved>((x, actor) => x.Edit(actor, request, CancellationToken.None));
        _saving = false;
        _wrong = outcome.Failure as Invalid;
        _said = outcome.Failure is { } failure and not Invalid ? failure.Detail : null;
        if (outcome.Succeeded)
        {
            Notices.Say("The plan is saved.");
            await OnSaved.InvokeAsync();
        }
    }

    private RenderFragment? Wrong(string field) => FieldSentence.Of(_wrong, field);
}
