using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>The team: who may sign in, as what, and who has left.</summary>
public sealed partial class TeamSettings
{
    private const int PasswordSymbols = 20;
    private ConfirmDialog? _change;
    private ConfirmDialog? _close;
    private StaffRow? _person;
    private string? _to;
    private string? _reason;
    private string? _name;
    private string? _email;
    private string _role = Role.Support;
    private string? _made;
    private string? _madeName;
    private bool _may;
    private bool _busy;
    private int _round;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<StaffRow> Team { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<string> OnChange { get; set; }

    /// <summary>Reads again, without a word.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnLook { get; set; }

    protected override async Task OnParametersSetAsync() => _may = (await AsStaff.Actor()).Refuse(Permission.Administer) is null;

    private static string May(string role) => role switch
    {
        Role.Owner => "may do everything",
        Role.Growth => "may invite, mint, reward and change the plan",
        Role.Support => "may find, resend, revoke and act on one person",
        Role.Developer => "may manage keys, jobs and see the system",
        _ => "may look",
    };

    private void AskRole(StaffRow person, ChangeEventArgs e)
    {
        (_person, _to) = (person, e.Value as string);
        if (_to != person.Role)
        {
            _change?.Open();
        }
    }

    // The list shows the role that is saved again, not the one that was picked and not confirmed.
    private void Again() => _round++;

    private async Task<string?> ChangeRole()
    {
        if (_person is not { } person)
        {
            return null;
        }

        var to = _to;
        var outcome = await AsStaff.Do<ChangeStaff, bool>((x, actor) => x.ChangeRole(actor, person.Id, person.Role, to, CancellationToken.None));
        Again();
        if (outcome.Succeeded)
        {
            await OnChange.InvokeAsync($"{person.Name} is {to} now.");
            return null;
        }

        await OnLook.InvokeAsync();
        return outcome.Failure is StaleEdit
            ? $"Somebody else changed this role meanwhile: {person.Name} is {Team.FirstOrDefault(p => p.Id == person.Id)?.Role} now. Close this and choose again if you still want to."
            : outcome.Failure.Detail;
    }

    private void AskClose(StaffRow person)
    {
        (_person, _reason) = (person, null);
        _close?.Open();
    }

    private async Task<string?> Close()
    {
        if (_person is not { } person)
        {
            return null;
        }

        var outcome = await AsStaff.Do<ChangeStaff, bool>((x, actor) => x.Close(actor, person.Id, true, _reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            await OnChange.InvokeAsync($"The account of {person.Name} is closed.");
        }

        return outcome.Failure?.Detail;
    }

    private async Task Open(StaffRow person)
    {
        var outcome = await AsStaff.Do<ChangeStaff, bool>((x, actor) => x.Close(actor, person.Id, false, null, CancellationToken.None));
        await OnChange.InvokeAsync(outcome.Failure?.Detail ?? $"{person.Name} can sign in again.");
    }

    private async Task Add()
    {
        if (_busy || !_may)
        {
            return;
        }

        _busy = true;
        var (email, name, role, password) = (_email, _name, _role, Tokens.Random(PasswordSymbols).ToLowerInvariant());
        var outcome = await AsStaff.Do<CreateStaff, long>((x, actor) => x.One(actor, email, name, role, password, CancellationToken.None));
        _busy = false;
        _wrong = outcome.Failure as Invalid;
        _said = outcome.Failure is null or Invalid ? null : outcome.Failure.Detail;
        if (outcome.Succeeded)
        {
            (_made, _madeName, _name, _email, _role) = (password, name, null, null, Role.Support);
            await OnChange.InvokeAsync($"{name} is on the team.");
        }
        else
        {
            _made = null;
        }
    }
}
