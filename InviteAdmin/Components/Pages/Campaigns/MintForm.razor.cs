using InviteAdmin.Campaigns;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Live;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Campaigns;

/// <summary>Mints a campaign: many codes of one use, one for many people, or one that can be said aloud. A live sample says what it will look like and how hard it is to guess.</summary>
public sealed partial class MintForm
{
    // Made with the form: pressed twice, it mints once.
    private readonly string _requestKey = Guid.NewGuid().ToString("N");
    private readonly string _symbols = CodeText.Show(CodeText.New());
    private string? _name;
    private What _what;
    private string? _word;
    private string? _prefix;
    private string? _tier;
    private int _count = 100;
    private int _uses = 500;
    private int? _days = 30;
    private bool _busy;
    private string? _said;
    private Invalid? _wrong;

    private enum What
    {
        Many,
        One,
        Word,
    }

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Parameter, EditorRequired]
    public EventCallback OnCancel { get; set; }

    /// <summary>The codes are there: the campaign's slug.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> OnMinted { get; set; }

    /// <summary>They are being minted as long work: the operation's id.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> OnQueued { get; set; }

    private string Sample => _what == What.Word
        ? Empty(_word)?.ToUpperInvariant() ?? "LAUNCH26"
        : Empty(_prefix) is { } prefix ? $"{prefix.ToUpperInvariant()}-{_symbols}" : _symbols;

    private string Odds => _what switch
    {
        What.Word => GuessOdds.OfWord(Math.Max(1, _uses), _days),
        What.One => GuessOdds.OfRandom(1),
        _ => GuessOdds.OfRandom(Math.Max(1, _count)),
    };

    private async Task Mint()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        var request = _what switch
        {
            What.Word => new MintRequest(_name, 1, _uses, Empty(_tier), _days, null, _word ?? " "),
            What.One => new MintRequest(_name, 1, _uses, Empty(_tier), _days, Empty(_prefix)),
            _ => new MintRequest(_name, _count, 1, Empty(_tier), _days, Empty(_prefix)),
        };
        if (_what == What.Word && Empty(_word) is null)
        {
            Show(new Invalid("word", "Word takes 4 to 24 letters and digits."));
        }
        else if (request.Count > QueueMint.MostAtOnce)
        {
            var queued = await AsStaff.Do<QueueMint, string>((x, actor) => x.Start(actor, request, _requestKey, CancellationToken.None));
            Show(queued.Failure);
            if (queued.Succeeded)
            {
                await OnQueued.InvokeAsync(queued.Value);
            }
        }
        else
        {
            var minted = await AsStaff.Do<MintCampaign, MintedCampaign>((x, actor) => x.One(actor, request, $"form:{_requestKey}", CancellationToken.None));
            Show(minted.Failure);
            if (minted.Succeeded)
            {
                await OnMinted.InvokeAsync(minted.Value.Slug);
            }
        }
    }

    private void Show(Failure? failure)
    {
        _busy = false;
        _wrong = failure as Invalid;
        _said = failure is not null and not Invalid ? failure.Detail : null;
    }

    private static string? Empty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private RenderFragment? Wrong(string field) => FieldSentence.Of(_wrong, field);
}
