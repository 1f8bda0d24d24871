using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>What points are given for: the form, what it would change, and how far a count of everybody is. What the configuration decides is locked and says by which name.</summary>
public sealed partial class PointSettings
{
    private const int MostNamed = 6;

    private static readonly (string Name, string Field, string Label, string Hint)[] Fields =
    [
        (nameof(PointValues.ArrivedPoints), "arrivedPoints", "Points for coming through a friend's link", "Once the person's email is confirmed."),
        (nameof(PointValues.BroughtPoints), "broughtPoints", "Points for each person brought", "To whose link it was, once that person's email is confirmed."),
    ];

    private Dictionary<string, int> _values = [];
    private ConfirmDialog? _confirm;
    private uint? _version;
    private bool _again;
    private bool _may;
    private bool _busy;
    private bool _stale;
    private bool _touched;
    private string? _said;
    private Invalid? _wrong;

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Parameter, EditorRequired]
    public required PointRuleFacts Facts { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<SourceRow> Sources { get; set; }

    [Parameter, EditorRequired]
    public required string SourcesHref { get; set; }

    /// <summary>What was asked for by the address; null when nothing was.</summary>
    [Parameter]
    public PointsTrial? Trial { get; set; }

    /// <summary>The points of that trial, which the form begins with.</summary>
    [Parameter]
    public PointValues? Tried { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<PointValues> OnTry { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<string> OnSaved { get; set; }

    /// <summary>Reads again, without a word.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnLook { get; set; }

    private PointValues Wanted => new(_values[nameof(PointValues.ArrivedPoints)], _values[nameof(PointValues.BroughtPoints)]);

    private string SourceSentence
    {
        get
        {
            var giving = Sources.Where(s => s.RetiredAt is null && s.Points > 0).ToList();
            return giving.Count == 0 ? "No source gives points."
                : $"Sources give points of their own: {string.Join(", ", giving.Take(MostNamed).Select(s => $"{s.Name} +{Say.Number(s.Points)}"))}{(giving.Count > MostNamed ? " and others" : "")}.";
        }
    }

    private IReadOnlyList<EditConflict.Both> Both
    {
        get
        {
            var theirs = Values(Facts.Values);
            return [.. Fields.Select(f => new EditConflict.Both(f.Label, Say.Number(theirs[f.Name]), Say.Number(_values[f.Name])))];
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        // Before anything is awaited: the first rendering needs the values. What somebody is typing stays.
        if (_version is null || (!_touched && _version != Facts.Version))
        {
            var first = _version is null;
            Take();
            if (first && Tried is { } tried)
            {
                _values = Values(tried);
                _touched = tried != Facts.Values;
            }
        }

        _may = (await AsStaff.Actor()).Refuse(Permission.Administer) is null;
    }

    private static Dictionary<string, int> Values(PointValues of) => new(StringComparer.Ordinal) { [nameof(of.ArrivedPoints)] = of.ArrivedPoints, [nameof(of.BroughtPoints)] = of.BroughtPoints };

    private void Take() => (_values, _version, _touched, _stale, _wrong, _said) = (Values(Facts.Values), Facts.Version, false, false, null, null);

    private void Set(string name, ChangeEventArgs e)
    {
        if (int.TryParse(e.Value as string, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var points))
        {
            (_values[name], _touched) = (points, true);
        }
    }

    private async Task Apply()
    {
        if (_busy || !_may)
        {
            return;
        }

        if (_again)
        {
            _confirm?.Open();
        }
        else
        {
            await Save();
        }
    }

    // What is wrong with a field is said beside it, not in the dialog.
    private async Task<string?> CountAgain()
    {
        await Save();
        return null;
    }

    private async Task Save()
    {
        _busy = true;
        var (wanted, again, version) = (Wanted, _again, _version ?? 0);
        var outcome = await AsStaff.Do<ChangePointRules, PointRuleFacts>((x, actor) => x.Save(actor, wanted, again, version, CancellationToken.None));
        _busy = false;
        (_wrong, _stale) = (outcome.Failure as Invalid, outcome.Failure is StaleEdit);
        _said = outcome.Failure is null or Invalid or StaleEdit ? null : outcome.Failure.Detail;
        if (outcome.Succeeded)
        {
            (_touched, _again) = (false, false);
            await OnSaved.InvokeAsync(again ? "Saved. Everybody's points are being counted again." : "Saved. It counts for who joins or confirms from now on.");
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
        return Apply();
    }
}
