using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using InviteAdmin.Tests.Api;
using InviteAdmin.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Public;

[Collection(BrowserCollection.Name)]
public sealed class PublicBrowserTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    /// <summary>Where the pictures go that a person looks at.</summary>
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "screenshots");

    [Theory]
    [InlineData("light", 1280, true)]
    [InlineData("light", 320, false)]
    [InlineData("dark", 320, true)]
    public async Task Journey_FromJoiningToOwnCodes_WorksAndFits(string scheme, int width, bool scripts)
    {
        using var api = ApiClient.For(app);
        var mark = $"{scheme}{width}";
        await using var visitor = await chromium.NewVisitor(app.Address, new()
        {
            ColorScheme = scheme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new() { Width = width, Height = 800 },
            JavaScriptEnabled = scripts,
        });
        var page = visitor.Page;
        var referrer = await api.Waiting($"{mark}.referrer@example.com");

        await page.GotoAsync($"/waitlist?ref={referrer.GetProperty("referralToken").GetString()}");
        await Look("join");
        await page.EvalOnSelectorAllAsync("form", "forms => forms.forEach(f => f.noValidate = true)").OrIgnore(scripts);
        await page.FillAsync("#name", "www.spam.example");
        await page.FillAsync("#email", "ann@example");
        await page.ClickAsync("button[type=submit]");
        await Expect(page.Locator("#email-wrong")).ToBeVisibleAsync();
        await Look("join-wrong");
        await page.FillAsync("#name", "Ann Example");
        await page.FillAsync("#email", $"{mark}@example.com");
        await page.ClickAsync("button[type=submit]");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Check your inbox");
        await Look("sent");

        var token = await app.Database.Scalar<string>($"SELECT confirm_token FROM waitlist_entries WHERE email = '{mark}@example.com'");
        await page.GotoAsync($"/waitlist/confirm/{token}");
        await Look("confirm");
        await page.ClickAsync("button[type=submit]");
        await Expect(page.Locator(".rank .number")).ToBeVisibleAsync();
        await Look("status");
        if (scripts)
        {
            await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
            await page.ClickAsync("[data-copy]");
            await Expect(page.Locator("[data-copy]")).ToHaveTextAsync("Copied");
            Assert.Equal(await page.InputValueAsync("#share"), await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        }
        else
        {
            await Expect(page.Locator("[data-copy]")).ToBeHiddenAsync();
        }

        await page.ClickAsync("text=Leave the list");
        await Look("leave");
        await page.ClickAsync("text=Stay");
        await Expect(page.Locator(".rank .number")).ToBeVisibleAsync();

        await page.GotoAsync("/waitlist/status/nobody");
        await Look("unknown");
        await page.GotoAsync($"/signup?code={await api.Code()}");
        await Look("signup");
        await page.FillAsync("#name", "Ann Example");
        await page.FillAsync("#email", $"{mark}@example.com");
        await page.ClickAsync("button[type=submit]");
        await Expect(page.Locator(".codes li")).ToHaveCountAsync(3);
        await Look("welcome");
        await page.GotoAsync("/problems/validation");
        await Look("problem");
        await page.GotoAsync("/docs/api");
        await Look("reference", full: false);

        // Refusals on purpose are reported as errors by the browser.
        Assert.All(visitor.Errors, e => Assert.Matches("status of (404|422)", e));

        async Task Look(string name, bool full = true)
        {
            Directory.CreateDirectory(Pictures);
            await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"public-{name}-{mark}.png"), FullPage = full });
            if (!scripts) return;
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), $"{name} is wider than {width} px");
            var seen = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } });
            Assert.True(seen.Violations.Length == 0, $"{name}: {string.Join("; ", seen.Violations.Select(v => $"{v.Id} {v.Nodes[0].Html}"))}");
        }
    }
}

internal static class Scripts
{
    /// <summary>Without scripts there is nothing to evaluate in the page.</summary>
    public static Task OrIgnore(this Task task, bool scripts) => scripts ? task : task.ContinueWith(_ => { }, TaskScheduler.Default);
}
