using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Live;
using InviteAdmin.People;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace InviteAdmin.Components.Layout;

/// <summary>
/// Ctrl-K: one field that opens pages, does things and finds people and codes. A search waits until the fingers rest for 150 ms and is
/// cancelled when a newer one overtakes it.
/// </summary>
public sealed partial class CommandPalette : IDisposable
{
    private const int MostFound = 8;

    // A part of a name that is shorter fits too many to be worth a look.
    private const int FewestLetters = 3;

    private static readonly TimeSpan FingersRest = TimeSpan.FromMilliseconds(150);

    private CancellationTokenSource? _seeking;
    private Actor _actor = SignedInStaff.Of(new());
    private IReadOnlyList<Found> _found = [];
    private string? _plan;
    private string _text = "";
    private string? _fits;
    private string _said = "";
    private bool _away;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    [Inject]
    public required AsStaff AsStaff { get; init; }

    [Inject]
    public required Notices Notices { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    /// <summary>The pages of the navigation.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<PageLink> Pages { get; set; }

    // Before the first look the list costs nothing.
    private IReadOnlyList<(string Name, IReadOnlyList<PaletteLine> Lines)> Groups => _fits is null ? [] : [.. All().Where(g => g.Lines.Count > 0)];

    protected override async Task OnInitializedAsync() => _actor = SignedInStaff.Of((await Authentication).User);

    private IEnumerable<(string Name, IReadOnlyList<PaletteLine> Lines)> All()
    {
        yield return ("Pages", [.. Pages.Select(Line).Where(l => l.Fits(_text))]);
        yield return ("Actions", [.. Actions().Where(l => l.Fits(_text))]);
        yield return ("People and codes", [.. _found.Take(MostFound).Select(PaletteLine.Of)]);
        if (_text.Length > 0)
        {
            yield return ("Search",
            [
                new("search", "search", $"Everything that fits “{_text}”")
                {
                    Href = SearchHref(_text),
                    Detail = _away ? "The database does not answer at this moment, so nobody was looked for." : null,
                },
            ]);
        }
    }

    private static PaletteLine Line(PageLink page) => new($"page-{page.Key}", page.Icon, page.Text) { Href = page.Href, Detail = $"g {page.Key}" };

    private IEnumerable<PaletteLine> Actions()
    {
        yield return new("invite", "send", "Invite next…") { Href = "/admin/invite", Detail = "n", Words = "release people cohort", Refusal = Why(Permission.Release) };
        yield return new("mint", "add", "Mint codes…") { Href = "/admin/campaigns", Words = "campaign new", Refusal = Why(Permission.Mint) };
        if (PlanPause.Fits(_plan))
        {
            yield return new("pause", "pause", "Pause the rollout") { Run = Pause, Words = "stop plan", Refusal = Why(Permission.Release) };
        }
        else if (_plan == "paused")
        {
            yield return new("resume", "play_arrow", "Resume the rollout") { Run = Resume, Words = "start plan", Refusal = Why(Permission.Release) };
        }

        yield return new("import", "upload", "Import a list…") { Href = "/admin/waitlist/import", Words = "csv upload waitlist", Refusal = Why(Permission.Release) };
        yield return new("export", "download", "Export the waitlist as CSV") { Href = "/admin/waitlist.csv", Download = true, Words = "download", Refusal = Why(Permission.Read) };
        yield return new("live", "motion_photos_paused", "Pause or follow live numbers") { Press = ".live button", Words = "resume updates" };
        foreach (var theme in StaffLook.Themes)
        {
            yield return new($"theme-{theme}", theme switch { "light" => "light_mode", "dark" => "dark_mode", _ => "contrast" }, theme == "system" ? "Use the system's theme" : $"Use the {theme} theme")
            {
                Press = $"details.me input[name=theme][value={theme}]",
                Words = "switch mode colour",
            };
        }

        foreach (var density in StaffLook.Densities)
        {
            yield return new($"density-{density}", density == "compact" ? "density_small" : "density_medium", $"Use {density} rows") { Press = $"details.me input[name=density][value={density}]", Words = "switch density" };
        }

        yield return new("keys", "keyboard", "Show the keyboard shortcuts") { Press = "[data-key='?']", Detail = "?", Words = "help" };
    }

    private string? Why(Permission permission) => _actor.Refuse(permission)?.Detail;

    private async Task Opened()
    {
        _fits ??= "";
        try
        {
            _plan = (await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(CancellationToken.None))).State;
        }
        catch (Exception away) when (away is UnauthorizedAccessException || Absence.MayPass(away))
        {
            // The palette works without what only the plan knows.
        }
    }

    private async Task Typed(ChangeEventArgs e)
    {
        _text = (e.Value as string ?? "").Trim();
        await Overtake();
        if (_text.Length < FewestLetters)
        {
            Show(_text, []);
            return;
        }

        using var seeking = _seeking = new();
        try
        {
            await Task.Delay(FingersRest, Time, seeking.Token);
            var text = _text;
            var found = await Seek(text, seeking.Token);
            seeking.Token.ThrowIfCancellationRequested();
            Show(text, found);
        }
        catch (Exception) when (seeking.IsCancellationRequested)
        {
            // A newer text overtook this one.
        }
        finally
        {
            if (_seeking == seeking) _seeking = null;
        }
    }

    /// <summary>Enter before the lines fit: opens the one person or code, else the page of that name, else all that was found.</summary>
    private async Task Submit()
    {
        var text = _text;
        await Overtake();
        if (text.Length == 0)
        {
            return;
        }

        var found = await Seek(text, CancellationToken.None);
        var href = found is [var only] ? PaletteLine.Of(only).Href
            : found.Count == 0 && Pages.Select(Line).FirstOrDefault(l => l.Fits(text)) is { } page ? page.Href
            : null;
        Navigation.NavigateTo(href ?? SearchHref(text));
    }

    private async Task<IReadOnlyList<Found>> Seek(string text, CancellationToken cancel)
    {
        try
        {
            _away = false;
            return await AsStaff.Read<PersonQueries, IReadOnlyList<Found>>(q => q.Search(text, cancel));
        }
        catch (UnauthorizedAccessException)
        {
            Navigation.NavigateTo(StaffSignIn.SignInPath, forceLoad: true);
            return [];
        }
        catch (Exception away) when (!cancel.IsCancellationRequested && Absence.MayPass(away))
        {
            _away = true;
            return [];
        }
    }

    private void Show(string text, IReadOnlyList<Found> found)
    {
        (_found, _fits) = (found, text);
        var lines = All().Where(g => g.Name != "Search").Sum(g => g.Lines.Count);
        _said = lines == 0 ? "Nothing fits." : Say.Count(lines, "line fits.", "lines fit.");
    }

    private async Task Overtake()
    {
        if (_seeking is { } older)
        {
            await older.CancelAsync();
        }
    }

    private Task Run(PaletteLine line) => line is { Refusal: null, Run: { } run } ? run() : Task.CompletedTask;

    private Task Pause() => PlanPause.Now(AsStaff, Notices, _plan);

    private async Task Resume()
    {
        var outcome = await AsStaff.Do<ChangePlan, bool>((x, actor) => x.Run(actor, null, CancellationToken.None));
        Notices.Say(outcome.Failure?.Detail ?? "Resumed. The next batch goes out as planned.");
    }

    private async Task Clear()
    {
        await Overtake();
        (_text, _found, _fits, _said, _away) = ("", [], "", "", false);
    }

    private static string SearchHref(string text) => $"/admin/search?q={Uri.EscapeDataString(text)}";

    public void Dispose() => _seeking?.Cancel();
}
