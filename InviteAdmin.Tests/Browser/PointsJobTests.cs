using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>What an owner does with points, and what the plan's editor does before something typed is lost.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PointsJobTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task Points_TriedThenAppliedToEverybody_AreCountedAndStandThereAfterwards()
    {
        await app.Database.Execute("""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, points, referral_token, status_token, confirmed_at)
            SELECT 'wl_p' || i, 'p' || i || '@example.com', 'p' || i || '@example.com', 'Person ' || i, 'waiting', CASE WHEN i = 120 THEN 5 ELSE 0 END, 'pr' || i, 'ps' || i, now() FROM generate_series(1, 120) i;
            INSERT INTO points_ledger (entry_id, kind, cause, points) SELECT id, 'brought', 'entry:' || (SELECT id FROM waitlist_entries WHERE public_id = 'wl_p1'), 5 FROM waitlist_entries WHERE public_id = 'wl_p120'
            """);
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Owner);
        await visitor.OpenInteractive("/admin/settings?section=points");

        await page.FillAsync("#broughtPoints", "0");
        await page.PressAsync("#broughtPoints", "Tab");
        await page.ClickAsync("text=What would it change?");
        await Expect(page.Locator("#trial")).ToBeVisibleAsync();
        Assert.EndsWith("/admin/settings?section=points&arrived=10&brought=0", page.Url, StringComparison.Ordinal);
        await page.ClickAsync("summary:has-text('1 person would drop out')");
        await Expect(page.Locator("ol.plain").Last).ToContainTextAsync("brought 1 person: 1 × 5 → 1 × 0 points; rank 1 → 120");
        Assert.Equal(5, await app.Database.Scalar<int>("SELECT points FROM waitlist_entries WHERE public_id = 'wl_p120'"));

        await page.CheckAsync("#again");
        await page.ClickAsync("text=Apply…");
        await page.ClickAsync("dialog button:has-text('Count again')");
        await Expect(page.Locator(".undo")).ToContainTextAsync("Saved. Everybody's points are being counted again.");

        await WaitFor.True(async () => await app.Database.Scalar<string>("SELECT coalesce(counting, 'none') FROM rollout_plans WHERE is_current") == "none");
        Assert.Equal(0, await app.Database.Scalar<int>("SELECT points FROM waitlist_entries WHERE public_id = 'wl_p120'"));
        await Expect(page.Locator("text=Counting everybody's points again")).ToHaveCountAsync(0);
        await Expect(page.Locator("#broughtPoints")).ToHaveValueAsync("0");
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task PlanEditor_LeftWithSomethingTyped_AsksBeforeItIsLost()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Owner);
        await visitor.OpenInteractive("/admin/rollout/edit");

        await page.FillAsync("#capacity", "777");
        await page.PressAsync("#capacity", "Tab");
        await page.ClickAsync(".reading a:has-text('Cancel')");
        await Expect(page.Locator("dialog.ask h2")).ToHaveTextAsync("Leave without saving?");
        await page.ClickAsync("dialog button:has-text('Keep editing')");
        await Expect(page.Locator("#capacity")).ToHaveValueAsync("777");
        Assert.EndsWith("/admin/rollout/edit", page.Url, StringComparison.Ordinal);

        await page.ClickAsync(".reading a:has-text('Cancel')");
        await page.ClickAsync("dialog button:has-text('Leave')");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/admin/rollout$"));
        Assert.Empty(visitor.Errors);
    }
}
