using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Live;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>How long codes live. What the configuration decides is locked and says by which name.</summary>
public sealed partial class LifetimeSettings
{
    private static readonly (string Name, string Field, string Label, string Hint, int Least, int Most)[] Fields =
    [
        (nameof(Lifetimes.InvitationDays), "invitationDays", "Days an invitation from the waitlist lives", "Unused after that, it lapses: the seat is free and the person waits again, once.", 1, 365),
        (nameof(Lifetimes.ReminderDays), "reminderDays", "Days before its end that an invitation is reminded of", "0 sends no reminder before the last day.", 0, 365),
        (nameof(Lifetimes.PersonalDays), "personalDays", "Days a member's personal code lives", "Also the codes given as rewards.", 1, 3650),
        (nameof(Lifetimes.VipDays), "vipDays", "Days a VIP code lives", "Unless whoever makes it says otherwise.", 1, 3650),
    ];

    private Dictionary<string, int> _values = [];
    private uint? _version;
    private bool _may;
    private bool _busy;
    private bool _stale;
    private bool _touched;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Parameter, EditorRequired]
    public required LifetimeFacts Facts { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<string> OnSaved { get; set; }

    /// <summary>Reads again, without a word.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnLook { get; set; }

    private IReadOnlyList<EditConflict.Both> Both
    {
        get
        {
            var theirs = Values(Facts.Values);
            return [.. Fields.Select(f => new EditConflict.Both(f.Label, Say.Count(theirs[f.Name], "day", "days"), Say.Count(_values[f.Name], "day", "days")))];
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        // Before anything is awaited: the first rendering needs the values. What somebody is typing stays.
        if (_version is null || (!_touched && _version != Facts.Version))
        {
            Take();
        }

        _may = (await AsStaff.Actor()).Refuse(Permission.Administer) is null;
    }

    private static Dictionary<string, int> Values(Lifetimes of) => new(StringComparer.Ordinal)
    {
        [nameof(of.InvitationDays)] = of.InvitationDays, [nameof(of.ReminderDays)] = of.ReminderDays, [nameof(of.PersonalDays)] = of.PersonalDays, [nameof(of.VipDays)] = of.VipDays,
    };

    private void Take() => (_values, _version, _touched, _stale, _wrong, _said) = (Values(Facts.Values), Facts.Version, false, false, null, null);

    private void Set(string name, ChangeEventArgs e)
    {
        if (int.TryParse(e.Value as string, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var days))
        {
            (_values[name], _touched) = (days, true);
        }
    }

    private async Task Save()
    {
        if (_busy || !_may)
        {
            return;
        }

        _busy = true;
        var wanted = new Lifetimes(_values[nameof(Lifetimes.InvitationDays)], _values[nameof(Lifetimes.ReminderDays)], _values[nameof(Lifetimes.PersonalDays)], _values[nameof(Lifetimes.VipDays)]);
        var version = _version ?? 0;
        var outcome = await AsStaff.Do<ChangeLifetimes, LifetimeFacts>((x, actor) => x.Save(actor, wanted, version, CancellationToken.None));
        _busy = false;
        (_wrong, _stale) = (outcome.Failure as Invalid, outcome.Failure is StaleEdit);
        _said = outcome.Failure is null or Invalid or StaleEdit ? null : outcome.Failure.Detail;
        if (outcome.Succeeded)
        {
            _touched = false;
            await OnSaved.InvokeAsync("Saved. Codes made from now on live so long.");
        }
        else if (_stale)
        {
            await OnLook.InvokeAsync();
        }
    }

    private void TakeTheirs() => Take();

    private Task KeepMine()
    {
        (_version, _stale) = (Facts.Version, false);
        return Save();
    }
}
