using Deque.AxeCore.Playwright;
using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>The frame by keyboard alone: the palette, the single letters, rows and pages, density, pause, and what says that numbers are old.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PaletteTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>, IAsyncLifetime
{
    private const string Field = "[data-palette-field]";

    public async Task InitializeAsync() => await app.Database.Scalar<long>(
        """
        WITH added AS (
          INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
          SELECT 'wl_k' || g, 'keys' || g || '@example.com', 'keys' || g || '@example.com', 'Keys ' || g, 'waiting', 'kr' || g, 'ks' || g, now() FROM generate_series(1, 120) g
          ON CONFLICT DO NOTHING RETURNING id)
        SELECT count(*) FROM added
        """);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Palette_ByKeyboardAlone_OpensAPageAndGivesTheFocusBack()
    {
        await using var visitor = await At("/admin", Role.Growth);
        var page = visitor.Page;

        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator(Field)).ToBeFocusedAsync();
        await Expect(Meant(page)).ToContainTextAsync("Overview");
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(Meant(page)).ToContainTextAsync("Waitlist");
        Assert.Equal(await Meant(page).GetAttributeAsync("id"), await page.Locator(Field).GetAttributeAsync("aria-activedescendant"));
        Assert.Empty((await page.RunAxe()).Violations.Select(v => $"{v.Id}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}"));
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("wait");
        await Expect(page.Locator("[role=listbox][data-fits=wait]")).ToBeVisibleAsync();
        await Expect(page.Locator("dialog.palette [role=status]")).ToContainTextAsync("fit");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("h1")).ToHaveTextAsync("Waitlist");
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Palette_PastedEmailAndEnter_OpensThePerson()
    {
        await using var visitor = await At("/admin", Role.Support);
        var page = visitor.Page;

        await page.ClickAsync("button.find");
        await page.Keyboard.InsertTextAsync(" KEYS77@example.com");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/admin/people/wl_k77$"));
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Palette_ActionOfAnotherRole_SaysWhyAndDoesNothing()
    {
        await using var visitor = await At("/admin/waitlist", Role.Viewer);
        var page = visitor.Page;

        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("invite");
        await Expect(Meant(page)).ToContainTextAsync("the role Owner or Growth");
        await Expect(page.Locator("[role=listbox]")).ToHaveAttributeAsync("data-fits", "invite");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(1);
        Assert.EndsWith("/admin/waitlist", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Palette_Theme_IsSwitched()
    {
        await using var visitor = await At("/admin", Role.Developer);
        await visitor.Page.Keyboard.PressAsync("Control+k");
        await visitor.Page.Keyboard.TypeAsync("dark");
        await Expect(visitor.Page.Locator("[role=listbox]")).ToHaveAttributeAsync("data-fits", "dark");
        await visitor.Page.Keyboard.PressAsync("Enter");

        await Expect(visitor.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await WaitFor.True(async () => await app.Database.Scalar<long>("SELECT count(*) FROM staff_users WHERE theme = 'dark'") == 1);
    }

    [Fact]
    public async Task Bar_WithoutACircuit_IsAPlainForm()
    {
        await using var visitor = await At("/admin", Role.Support);
        await visitor.Page.RouteAsync("**/_framework/blazor.web*.js", route => route.AbortAsync());
        await visitor.Page.GotoAsync("/admin");

        await visitor.Page.FillAsync("form.find input", "keys78@example.com");
        await visitor.Page.PressAsync("form.find input", "Enter");

        await Expect(visitor.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/admin/people/wl_k78$"));
    }

    [Fact]
    public async Task RowsAndPages_ByLetterAndBracket()
    {
        await using var visitor = await At("/admin/waitlist", Role.Viewer);
        var page = visitor.Page;

        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("tbody tr").Nth(0).Locator("a.who")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("k");
        await Expect(page.Locator("tbody tr").Nth(1).Locator("a.who")).ToBeFocusedAsync();
        Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".panel")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".panel")).ToHaveCountAsync(0);

        await page.Keyboard.PressAsync("]");
        await Expect(page.Locator(".pager [role=status]")).ToContainTextAsync("51–100");
        await page.Keyboard.PressAsync("[");
        await Expect(page.Locator(".pager [role=status]")).ToContainTextAsync("1–50");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("e");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Emails");
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Shortcuts_SwitchedOff_LettersDoNothingAndCtrlKStays()
    {
        await using var visitor = await At("/admin/waitlist", Role.Viewer);
        var page = visitor.Page;
        await page.Keyboard.PressAsync("?");
        await page.UncheckAsync("[name=shortcuts]");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);

        foreach (var key in (string[])["j", "g", "e", "]", "/", "?"]) await page.Keyboard.PressAsync(key);
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('tbody a:focus, dialog[open]').length"));
        Assert.EndsWith("/admin/waitlist", page.Url, StringComparison.Ordinal);
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator(Field)).ToBeFocusedAsync();

        await visitor.OpenInteractive("/admin/waitlist");
        await page.Keyboard.PressAsync("j");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('tbody a:focus').length"));
    }

    [Fact]
    public async Task Density_Chosen_SurvivesReloadAndFollowsThePerson()
    {
        await using var visitor = await At("/admin/waitlist", Role.Growth);
        var height = await RowHeight(visitor.Page);
        await visitor.Page.ClickAsync("details.me > summary");
        await visitor.Page.ClickAsync("details.me label:has-text('Compact')");
        await Expect(visitor.Page.Locator("html")).ToHaveAttributeAsync("data-density", "compact");
        Assert.True(await RowHeight(visitor.Page) < height);
        await WaitFor.True(async () => await app.Database.Scalar<long>("SELECT count(*) FROM staff_users WHERE density = 'compact'") == 1);

        var answer = await visitor.Page.ReloadAsync();
        Assert.Contains("data-density=\"compact\"", await answer!.TextAsync(), StringComparison.Ordinal);
        await using var other = await At("/admin/waitlist", Role.Growth);
        await Expect(other.Page.Locator("html")).ToHaveAttributeAsync("data-density", "compact");
    }

    [Fact]
    public async Task List_RowsArrive_StaysUntilAskedAndPauseStopsTheTicking()
    {
        await using var visitor = await At("/admin/waitlist?show=unconfirmed", Role.Viewer);
        var page = visitor.Page;
        await Add("live1");
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("[data-interactive=true]");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);

        await Add("live2");
        await Expect(page.Locator(".new-rows button")).ToHaveTextAsync("1 new – show");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator(".pager [role=status]")).ToContainTextAsync("of 2", new() { Timeout = 20_000 });
        await page.ClickAsync(".new-rows button");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator("tbody tr").Nth(0)).ToContainTextAsync("live2");

        await page.ClickAsync("[aria-label='Pause live updates']");
        await Expect(page.Locator(".live .word")).ToHaveTextAsync("Paused");
        await Add("live3");
        await page.WaitForTimeoutAsync(5_000);
        await Expect(page.Locator(".new-rows button")).ToHaveCountAsync(0);
        await page.ClickAsync("[aria-label='Follow changes again']");
        await Expect(page.Locator(".new-rows button")).ToHaveTextAsync("1 new – show");
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Network_SilentFor15Seconds_SaysThatNumbersMayBeOld()
    {
        await using var network = new TcpProxy(app.Address.Port);
        await using var visitor = await chromium.NewVisitor(new Uri($"http://127.0.0.1:{network.Port}/"));
        await visitor.SignIn(Role.Viewer);
        // Nothing is said before it beats.
        await Expect(visitor.Page.Locator(".live .late")).ToBeHiddenAsync();

        network.Delay(TimeSpan.FromMinutes(1));
        await Expect(visitor.Page.Locator(".live .late")).ToBeVisibleAsync(new() { Timeout = 25_000 });
        await Expect(visitor.Page.Locator("[data-late-word]")).ToContainTextAsync("Numbers may be old");
    }

    private static ILocator Meant(IPage page) => page.Locator("dialog.palette [role=option][aria-selected=true]");

    private static Task<double> RowHeight(IPage page) => page.EvaluateAsync<double>("document.querySelector('tbody tr').getBoundingClientRect().height");

    private async Task<Visitor> At(string path, string role)
    {
        var visitor = await chromium.NewVisitor(app.Address);
        await visitor.SignIn(role);
        await visitor.OpenInteractive(path);
        return visitor;
    }

    private Task<long> Add(string id) => app.Database.Scalar<long>(
        $"""
        WITH added AS (
          INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token)
          VALUES ('wl_{id}', '{id}@example.com', '{id}@example.com', '{id}', 'unconfirmed', 'r{id}', 's{id}') RETURNING id)
        SELECT count(*) FROM added
        """);
}
