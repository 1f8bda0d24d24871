using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>The company's name, colour, words and logo. What the configuration decides is locked and says by which name.</summary>
public sealed partial class BrandSettings
{
    private static readonly TextField[] Fields =
    [
        new("name", "Name", "Of your product, as pages, mails and the widget call it.", ChangeBrand.MostName),
        new("accent", "Colour", "As in #1b5fae; empty for ours.", 7),
        new("privacyUrl", "Privacy page", "Linked under every page and in the widget.", 500, IsAddress: true),
        new("imprintUrl", "Imprint", "Linked under every page.", 500, IsAddress: true),
        new("englishHeadline", "Headline", "Over the form. Empty: “Join the … waitlist”.", ChangeBrand.MostHeadline, "In English", "en"),
        new("englishLead", "Under it", "Also under a shared link. Empty: what the page says by itself.", ChangeBrand.MostLead, Language: "en"),
        new("englishShare", "Said with a shared link", "Empty: “Join me on the … waitlist”.", ChangeBrand.MostShare, Language: "en"),
        new("germanHeadline", "Headline", "Empty: “Auf die Warteliste von …”.", ChangeBrand.MostHeadline, "In German", "de"),
        new("germanLead", "Under it", "Empty: what the page says by itself.", ChangeBrand.MostLead, Language: "de"),
        new("germanShare", "Said with a shared link", "Empty: “Komm mit mir auf die Warteliste von …”.", ChangeBrand.MostShare, Language: "de"),
    ];

    private Dictionary<string, string> _values = [];
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
    public required BrandFacts Facts { get; set; }

    /// <summary>Why the last picture was not taken; null when none was refused.</summary>
    [Parameter]
    public string? Refused { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<string> OnSaved { get; set; }

    /// <summary>Reads again, without a word.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnLook { get; set; }

    private BrandColour? Colour => BrandColour.Of(_values["accent"]);

    /// <summary>What becomes of the colour, so that all text can be read.</summary>
    private string Contrast => Colour is not { } colour ? ""
        : string.Create(CultureInfo.InvariantCulture, $"Text on it is {(colour.OnFill == "#ffffff" ? "white" : "black")}, contrast {BrandColour.Contrast(colour.OnFill, colour.Fill):0.0} to 1. ")
            + (colour.OnLight == colour.Fill && colour.OnDark == colour.Fill ? "As text it is used as it is."
                : $"As text it is {(colour.OnLight == colour.Fill ? "used as it is" : $"darkened to {colour.OnLight}")} on light ground and {(colour.OnDark == colour.Fill ? "used as it is" : $"lightened to {colour.OnDark}")} on dark, or it could not be read.");

    private IReadOnlyList<EditConflict.Both> Both
    {
        get
        {
            var theirs = Values(Facts.Saved);
            return [.. Fields.Select(f => new EditConflict.Both(f.Language is null ? f.Label : $"{f.Label} ({f.Language})", theirs[f.Field], _values[f.Field]))];
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        // Before anything is awaited: the first rendering needs the values. What somebody is typing stays.
        if (_version is null || (!_touched && _version != Facts.Version))
        {
            Take();
        }

        _may = (await AsStaff.Actor()).Refuse(Permission.Release) is null;
    }

    private static Dictionary<string, string> Values(BrandValues of) => new(StringComparer.Ordinal)
    {
        ["name"] = of.Name ?? "", ["accent"] = of.Accent ?? "", ["privacyUrl"] = of.PrivacyUrl ?? "", ["imprintUrl"] = of.ImprintUrl ?? "",
        ["englishHeadline"] = of.English.Headline ?? "", ["englishLead"] = of.English.Lead ?? "", ["englishShare"] = of.English.Share ?? "",
        ["germanHeadline"] = of.German.Headline ?? "", ["germanLead"] = of.German.Lead ?? "", ["germanShare"] = of.German.Share ?? "",
    };

    private bool IsLocked(string field) => field == "name" && Facts.NameSetBy is not null;

    private string? Placeholder(string field) => field switch { "name" => Facts.Name, "accent" => "#1b5fae", _ => null };

    private void Take() => (_values, _version, _touched, _stale, _wrong, _said) = (Values(Facts.Saved), Facts.Version, false, false, null, null);

    private void Set(string field, ChangeEventArgs e) => (_values[field], _touched) = (e.Value as string ?? "", true);

    private async Task Save()
    {
        if (_busy || !_may)
        {
            return;
        }

        _busy = true;
        var wanted = new BrandValues(
            _values["name"], _values["accent"], _values["privacyUrl"], _values["imprintUrl"],
            new(_values["englishHeadline"], _values["englishLead"], _values["englishShare"]), new(_values["germanHeadline"], _values["germanLead"], _values["germanShare"]));
        var version = _version ?? 0;
        var outcome = await AsStaff.Do<ChangeBrand, BrandFacts>((x, actor) => x.Save(actor, wanted, version, CancellationToken.None));
        _busy = false;
        (_wrong, _stale) = (outcome.Failure as Invalid, outcome.Failure is StaleEdit);
        _said = outcome.Failure is null or Invalid or StaleEdit ? null : outcome.Failure.Detail;
        if (outcome.Succeeded)
        {
            _touched = false;
            await OnSaved.InvokeAsync("Saved. Pages and the widget show it within seconds.");
        }
        else if (_stale)
        {
            await OnLook.InvokeAsync();
        }
    }

    private async Task RemoveLogo()
    {
        if (_busy || !_may)
        {
            return;
        }

        _busy = true;
        var outcome = await AsStaff.Do<ChangeBrand, bool>((x, actor) => x.RemoveLogo(actor, CancellationToken.None));
        _busy = false;
        _said = outcome.Failure?.Detail;
        if (outcome.Succeeded)
        {
            await OnSaved.InvokeAsync("The logo is removed. Pages show the name.");
        }
    }

    private Task KeepMine()
    {
        (_version, _stale) = (Facts.Version, false);
        return Save();
    }

    private sealed record TextField(string Field, string Label, string Hint, int Most, string? Group = null, string? Language = null, bool IsAddress = false);
}
