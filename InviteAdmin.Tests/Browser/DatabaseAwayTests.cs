using Deque.AxeCore.Playwright;
using InviteAdmin.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>What people see in a real browser while PostgreSQL is away, and that it goes away by itself.</summary>
[Collection(BrowserCollection.Name)]
public sealed class DatabaseAwayTests(Chromium chromium, ProxiedApp proxied) : IClassFixture<ProxiedApp>
{
    private static readonly LocatorAssertionsToBeVisibleOptions Soon = new() { Timeout = 15_000 };

    /// <summary>Where the pictures go that a person looks at.</summary>
    private static readonly string Pictures = Environment.GetEnvironmentVariable("INVITEADMIN_SCREENSHOTS") ?? Path.Combine(AppContext.BaseDirectory, "screenshots");

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 320)]
    public async Task Away_EveryKindOfPage_SaysSoCalmlyFitsAndComesBack(ColorScheme scheme, int width)
    {
        await using var visitor = await chromium.NewVisitor(proxied.App.Address, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 720 } });
        var page = visitor.Page;
        await visitor.SignIn();
        await visitor.OpenInteractive("/admin/waitlist");
        await using var stranger = await chromium.NewVisitor(proxied.App.Address, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 720 }, JavaScriptEnabled = false });
        await stranger.Page.GotoAsync("/sign-in");

        proxied.Network.Refuse();
        try
        {
            // An open circuit: another view of the same page, then a page not yet loaded.
            await page.ClickAsync(".tabs a:has-text('Invited')");
            await Expect(page.Locator("[data-away] h2")).ToHaveTextAsync("The database does not answer at this moment", new() { Timeout = 15_000 });
            await Look(page, "circuit");
            await page.EvaluateAsync("history.back()");
            await Expect(page.Locator("[data-away].notice, [data-away] h2").First).ToBeVisibleAsync(Soon);
            await Look(page, "circuit-kept");
            Assert.False(await page.Locator("#blazor-error-ui").IsVisibleAsync());

            // A page asked for anew.
            var fresh = (await page.GotoAsync("/admin"))!;
            Assert.Equal((503, "2"), (fresh.Status, fresh.Headers["retry-after"]));
            await Expect(page.Locator("[data-away], .door").First).ToBeVisibleAsync(Soon);
            await Look(page, "admin");

            // Strangers, without a script.
            var lost = (await stranger.Page.GotoAsync("/waitlist/status/unknown"))!;
            Assert.Equal((503, "2"), (lost.Status, lost.Headers["retry-after"]));
            await Look(stranger.Page, "public", axe: false);
            await stranger.Page.GotoAsync("/sign-in");
            await stranger.Page.FillAsync("#email", "owner@example.com");
            await stranger.Page.FillAsync("#password", "whatever it is");
            await stranger.Page.ClickAsync("button[type=submit]");
            await Expect(stranger.Page.Locator("[role=alert]")).ToContainTextAsync("nobody can be signed in");
            await Look(stranger.Page, "sign-in", axe: false);
            await stranger.Page.GotoAsync("/waitlist/status/unknown");
        }
        finally
        {
            proxied.Network.Pass();
        }

        await Expect(page.Locator(".numbers, .blank:not(.away)").First).ToBeVisibleAsync(Soon);
        await Expect(stranger.Page.Locator("h1")).ToHaveTextAsync("This link is not known", new() { Timeout = 15_000 });
        await visitor.OpenInteractive("/admin/waitlist");

        async Task Look(IPage at, string name, bool axe = true)
        {
            Directory.CreateDirectory(Pictures);
            await at.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"away-{name}-{scheme}-{width}.png"), FullPage = true });
            Assert.Equal(0, await Over(at));
            if (axe && width > 400) Assert.Empty((await at.RunAxe()).Violations.Select(v => $"{name}: {v.Id}: {v.Help}"));
        }
    }

    [Fact]
    public async Task Away_WhileACircuitIsOpen_ActionsRefuseKeepWhatWasTypedAndWorkAfterwards()
    {
        await using var visitor = await chromium.NewVisitor(proxied.App.Address);
        await visitor.SignIn();
        await visitor.OpenInteractive("/admin/campaigns");
        var page = visitor.Page;
        await page.ClickAsync("button:has-text('Mint codes…')");
        await page.FillAsync("#name", "Autumn");
        proxied.Network.BlackHole();
        try
        {
            await page.ClickAsync("form .acts .button.main");
            await Expect(page.GetByText("The database does not answer at this moment").First).ToBeVisibleAsync(Soon);
            Assert.Equal("Autumn", await page.Locator("#name").InputValueAsync());
        }
        finally
        {
            proxied.Network.Pass();
        }

        await Expect(page.Locator("form .acts .button.main")).ToBeEnabledAsync();
        await WaitFor.True(async () =>
        {
            // In one step, because the form goes away when it has done its work.
            await page.EvaluateAsync("document.querySelector('form .acts .button.main:enabled')?.click()");
            return await proxied.Database.Scalar<long>("SELECT count(*) FROM campaigns WHERE name = 'Autumn'") > 0;
        });
        Assert.False(await page.Locator("#blazor-error-ui").IsVisibleAsync());
    }

    // Without scripts the page cannot be asked; the picture is.
    private static async Task<int> Over(IPage page)
    {
        try
        {
            return Math.Max(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        }
        catch (PlaywrightException)
        {
            return 0;
        }
    }
}
