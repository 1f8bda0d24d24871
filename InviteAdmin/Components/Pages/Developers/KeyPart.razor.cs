using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Developers;

/// <summary>The keys of the API: make one, roll it, revoke it.</summary>
public sealed partial class KeyPart
{
    private readonly HashSet<string> _scopes = new(StringComparer.Ordinal) { Scope.Join };
    private ConfirmDialog? _roll;
    private ConfirmDialog? _revoke;
    private KeyRow? _asked;
    private string? _name;
    private int _days;
    private string? _reason;
    private string? _said;
    private Invalid? _wrong;
    private bool _busy;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<KeyRow> Keys { get; set; }

    /// <summary>The key whose secret is shown this once.</summary>
    [Parameter, EditorRequired]
    public required NewKey? Made { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<NewKey> OnMade { get; set; }

    /// <summary>Says what was done, and reads again.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> OnChange { get; set; }

    private static string Allows(string scope) => scope switch
    {
        Scope.Join => "put people on the list",
        Scope.Redeem => "look codes up, sign people up",
        Scope.Read => "see numbers, cohorts and members",
        _ => "release, mint, recall, find, export and erase people",
    };

    private void Choose(string scope, ChangeEventArgs e)
    {
        if (e.Value is true)
        {
            _scopes.Add(scope);
        }
        else
        {
            _scopes.Remove(scope);
        }
    }

    private async Task Make()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        var (name, scopes, days) = (_name, _scopes.ToArray(), _days);
        var outcome = await AsStaff.Do<CreateApiKey, NewKey>((x, actor) => x.One(actor, name, scopes, days == 0 ? null : days, CancellationToken.None));
        _busy = false;
        _wrong = outcome.Failure as Invalid;
        _said = outcome.Failure is null or Invalid ? null : outcome.Failure.Detail;
        if (outcome.Succeeded)
        {
            _name = null;
            await OnMade.InvokeAsync(outcome.Value);
            await OnChange.InvokeAsync($"The key {name?.Trim()} is ready.");
        }
    }

    private void Ask(KeyRow key, ConfirmDialog? dialog)
    {
        (_asked, _reason) = (key, null);
        dialog?.Open();
    }

    private async Task<string?> Roll()
    {
        if (_asked is not { } key)
        {
            return null;
        }

        var outcome = await AsStaff.Do<RollApiKey, NewKey>((x, actor) => x.One(actor, key.Id, CancellationToken.None));
        if (outcome.Succeeded)
        {
            await OnMade.InvokeAsync(outcome.Value);
            await OnChange.InvokeAsync($"{key.Name} has a new secret. The old one works for {RollApiKey.OverlapHours} more hours.");
        }

        return outcome.Failure?.Detail;
    }

    private async Task<string?> Revoke()
    {
        if (_asked is not { } key)
        {
            return null;
        }

        var reason = _reason;
        var outcome = await AsStaff.Do<RevokeApiKey, bool>((x, actor) => x.One(actor, key.Id, reason, CancellationToken.None));
        if (outcome.Succeeded)
        {
            await OnChange.InvokeAsync($"{key.Name} is revoked.");
        }

        return outcome.Failure?.Detail;
    }

    private async Task EndOld(KeyRow key)
    {
        var outcome = await AsStaff.Do<RollApiKey, bool>((x, actor) => x.EndPrevious(actor, key.Id, CancellationToken.None));
        await OnChange.InvokeAsync(outcome.Failure?.Detail ?? $"The old secret of {key.Name} has ended.");
    }
}
