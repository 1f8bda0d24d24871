using InviteAdmin.Campaigns;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Campaigns;

/// <summary>Mints a campaign: many random codes, or one that can be said aloud.</summary>
public sealed partial class MintForm
{
    private string? _name;
    private bool _oneWord;
    private string? _word;
    private string? _prefix;
    private string? _tier;
    private int _count = 100;
    private int _uses = 1;
    private int? _days = 30;
    private bool _busy;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    /// <summary>Over: with a sentence when codes were minted, with null when not.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string?> OnDone { get; set; }

    private async Task Mint()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        var request = _oneWord
            ? new MintRequest(_name, 1, _uses, Empty(_tier), _days, null, _word)
            : new MintRequest(_name, _count, _uses, Empty(_tier), _days, Empty(_prefix));
        var outcome = await AsStaff.Do<MintCampaign, MintedCampaign>((x, actor) => x.One(actor, request, CancellationToken.None));
        _busy = false;
        _wrong = outcome.Failure as Invalid;
        _said = outcome.Failure is { } failure and not Invalid ? failure.Detail : null;
        if (outcome.Succeeded)
        {
            await OnDone.InvokeAsync($"{Say.Count(outcome.Value.Minted, "code", "codes")} minted for {_name}.");
        }
    }

    private static string? Empty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private RenderFragment? Wrong(string field) => FieldSentence.Of(_wrong, field);
}
