using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Live;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Components.Pages.Invites;

/// <summary>Makes a VIP code for a named person, to be copied or mailed.</summary>
public sealed partial class VipForm
{
    private readonly string _requestKey = Guid.NewGuid().ToString("N");
    private string? _name;
    private string? _email;
    private int _days;
    private bool _mail;
    private bool _busy;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Inject]
    public required IOptions<InvitesOptions> Rules { get; init; }

    /// <summary>Over: with the code when one was made, with null when not.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string?> OnDone { get; set; }

    protected override void OnInitialized() => _days = Rules.Value.VipDays;

    private async Task Make()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        var mail = _mail && !string.IsNullOrWhiteSpace(_email);
        var outcome = await AsStaff.Do<CreateVipCode, GivenCode>((x, actor) => x.One(actor, new VipRequest(_name, _email, _days, mail, _requestKey), CancellationToken.None));
        _busy = false;
        _wrong = outcome.Failure as Invalid;
        _said = outcome.Failure is { } failure and not Invalid ? failure.Detail : null;
        if (!outcome.Succeeded)
        {
            return;
        }

        var (code, name) = (outcome.Value.Code, _name);
        if (mail)
        {
            Notices.Done($"A VIP code for {name} is made. The mail goes out in a moment", async () =>
            {
                var undone = await AsStaff.Do<RevokeCode, CodeFacts>((x, actor) => x.One(actor, code, "Taken back before its mail left.", CancellationToken.None));
                Notices.Say(undone.Failure?.Detail ?? $"The code for {name} is revoked, and its mail was not sent.");
            });
        }
        else
        {
            Notices.Say($"A VIP code for {name} is made. Copy it, or its link.");
        }

        await OnDone.InvokeAsync(code);
    }

    private RenderFragment? Wrong(string field) => FieldSentence.Of(_wrong, field);
}
