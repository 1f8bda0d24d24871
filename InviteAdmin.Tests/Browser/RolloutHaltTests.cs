using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>A plan that monitoring halts, on a phone and by keyboard alone.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RolloutHaltTests(Chromium chromium, PlannedApp app) : IClassFixture<PlannedApp>
{
    [Fact]
    public async Task Plan_WrittenAndLetGoOnByKeyboard_HaltsByASignalAndSaysWhy()
    {
        await app.Database.Execute("""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
            SELECT 'wl_' || g, 'p' || g || '@example.com', 'p' || g || '@example.com', 'Person ' || g, 'waiting', 'rr' || g, 'rs' || g, now() FROM generate_series(1, 30) g
            """);
        await using var visitor = await chromium.NewVisitor(app.Address, new() { ViewportSize = new() { Width = 320, Height = 640 } });
        var page = visitor.Page;
        await visitor.SignIn(Role.Growth);
        await visitor.OpenInteractive("/admin/rollout/edit?template=steady");
        await Press(page, "[aria-label='Remove condition 2 of stage 1']");
        await Press(page, "[aria-label='Remove condition 1 of stage 1']");
        // Where nothing is left to take away, one adds.
        await Expect(page.Locator("button:has-text('Add a condition')")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#s0-g0-metric")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Num");
        await Expect(page.Locator("#s0-g0-name")).ToHaveValueAsync("error_rate");
        await page.FocusAsync("#s0-batchSize");
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync("3");
        await Expect(page.Locator(".reading li").First).ToContainTextAsync("3 people every day at 09:00 UTC until nobody waits, as long as error_rate stays at 0.01 or less; else hold and tell us.");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Rollout");
        await Press(page, "button:has-text('Start the plan…')");
        await Press(page, "dialog button:has-text('Start the plan')");
        await Expect(page.Locator(".ladder [aria-current=step]")).ToContainTextAsync("Stage 1 · Everyone");
        await app.Database.Execute("INSERT INTO signals (name, value, at) SELECT 'error_rate', 0.002, '2027-06-07 08:00Z'::timestamptz + m * interval '10 minutes' FROM generate_series(0, 5) m");
        Assert.Equal("Cohort 1: 3 of 3 people invited.", await app.At(day: 0, hour: 9));
        await app.Database.Execute("INSERT INTO signals (name, value, at) VALUES ('error_rate', 0.5, '2027-06-07 09:50Z')");

        Assert.StartsWith("Stage 1 halted: error_rate is 0.5 (the highest of 24 hours), needs at most 0.01", await app.At(day: 0, hour: 10), StringComparison.Ordinal);
        await visitor.OpenInteractive("/admin/rollout");
        await Expect(page.Locator(".head p")).ToContainTextAsync("Nothing goes out until somebody lets it go on.");
        await Expect(page.Locator("td[data-name=Verdict]")).ToContainTextAsync("Halts the rollout");
        await Expect(page.Locator("td[data-name=Measured]")).ToHaveTextAsync("0.5");
        await app.Database.Execute("DELETE FROM signals WHERE value > 0.01");
        await Press(page, "button:has-text('Let it go on…')");
        await Expect(page.Locator("#move-reason")).ToBeVisibleAsync();
        await page.FocusAsync("#move-reason");
        await page.Keyboard.TypeAsync("The spike was a test of ours");
        await Press(page, "dialog button:has-text('Let it go on')");
        await Expect(page.Locator("td.why").First).ToContainTextAsync("let the plan go on: The spike was a test of ours.");
        Assert.Equal("The spike was a test of ours", await app.Database.Scalar<string>("SELECT reason FROM audit_log WHERE action = 'plan.resumed'"));

        await Press(page, ".tabs a:has-text('Soaks and gates')");
        await Expect(page.Locator("td.why")).ToHaveCountAsync(1);
        Assert.Contains("show=gates", page.Url, StringComparison.Ordinal);
        Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty(visitor.Errors);
    }

    private static async Task Press(IPage page, string selector)
    {
        // What a dialog holds is there a moment before the dialog opens, and cannot have the focus until then.
        await Expect(page.Locator(selector)).ToBeVisibleAsync();
        await page.FocusAsync(selector);
        await page.Keyboard.PressAsync("Enter");
    }
}
