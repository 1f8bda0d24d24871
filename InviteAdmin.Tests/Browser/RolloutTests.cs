using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>A plan from the first template to its second stage, by clicking, with a clock of the plan's own.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RolloutTests(Chromium chromium, PlannedApp app) : IClassFixture<PlannedApp>
{
    [Fact]
    public async Task Plan_EditedStartedSoakedHeldAndApproved_SaysAtEachStepHowItStands()
    {
        await app.Database.Scalar<long>("""
            WITH added AS (
              INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
              SELECT 'wl_' || g, 'p' || g || '@example.com', 'p' || g || '@example.com', 'Person ' || g, 'waiting', 'rr' || g, 'rs' || g, now() FROM generate_series(1, 30) g RETURNING id)
            SELECT count(*) FROM added
            """);
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Growth);
        await visitor.OpenInteractive("/admin/rollout");
        await Expect(page.Locator("main h2").First).ToHaveTextAsync("There is no plan yet");
        await Expect(page.Locator(".rollout")).ToHaveCountAsync(0);

        await page.ClickAsync("section[aria-labelledby=template-cautious] a.button");
        await page.WaitForSelectorAsync("#s2-batchSize");
        await page.FillAsync("#s0-batchSize", "0");
        await Expect(page.Locator("#s0-batchSize-wrong")).ToContainTextAsync("People a day must be between 1 and 100,000.");
        await Expect(page.Locator("button:has-text('Save the plan')")).ToBeDisabledAsync();
        await page.FillAsync("#s0-batchSize", "2");
        await page.FillAsync("#s0-batches", "1");
        await page.FillAsync("#s0-soakDays", "1");
        await Expect(page.Locator("#s0-g0-minimumSample-wrong")).ToContainTextAsync("a gate that needs 50 can never pass");
        await page.ClickAsync("[aria-label='Remove condition 2 of stage 1']");
        await page.ClickAsync("[aria-label='Remove condition 1 of stage 1']");
        await page.CheckAsync("fieldset.stage >> nth=0 >> label.check input");
        await Expect(page.Locator(".reading li").First).ToContainTextAsync("2 people once, at 09:00 UTC; then wait 1 day; go on when somebody approves.");
        await page.ClickAsync("[aria-label='Move stage 3 up']");
        await Expect(page.Locator(".reading li").Nth(1)).ToContainTextAsync("100 people every day at 09:00 UTC until nobody waits");
        await page.ClickAsync("[aria-label='Remove stage 3']");
        await Expect(page.Locator(".reading li").Last).ToContainTextAsync("100 people every day at 09:00 UTC until nobody waits");
        Assert.Equal(1, await app.Database.Scalar<int>("SELECT version FROM rollout_plans WHERE is_current"));
        await page.ClickAsync("button:has-text('Save the plan')");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Rollout");

        await page.ClickAsync("button:has-text('Start the plan…')");
        await page.ClickAsync("dialog button:has-text('Start the plan')");
        await Expect(page.Locator(".head p")).ToContainTextAsync("Today's batch of 2 people goes out at 09:00 UTC.");
        await Expect(page.Locator(".rollout")).ToContainTextAsync("Running");

        Assert.Equal("Cohort 1: 2 of 2 people invited.", await app.At(day: 0, hour: 9));
        await app.At(day: 1, hour: 9);
        await visitor.OpenInteractive("/admin/rollout");
        await Expect(page.Locator(".head p")).ToHaveTextAsync("Stage 1 soaks: day 1 of 1.");
        await Expect(page.Locator(".ladder [aria-current=step]")).ToContainTextAsync("day 1 of 1, the last");

        await app.At(day: 2, hour: 9);
        await visitor.OpenInteractive("/admin/rollout");
        await Expect(page.Locator(".head p")).ToHaveTextAsync("Stage 1 has passed its gate and waits for approval.");
        await Expect(page.Locator(".rollout")).ToContainTextAsync("Held");
        await page.SetViewportSizeAsync(320, 640);
        await page.ClickAsync("button:has-text('Approve stage 1…')");
        await page.FillAsync("#move-reason", "Nobody complained.");
        await page.ClickAsync("dialog button:has-text('Approve stage 1')");
        await Expect(page.Locator("td.why").First).ToContainTextAsync("approved stage 1: Nobody complained.");
        Assert.Equal("Cohort 2: 28 of 100 people invited.", await app.At(day: 2, hour: 9));
        await visitor.OpenInteractive("/admin/rollout");
        await Expect(page.Locator(".ladder [aria-current=step]")).ToContainTextAsync("Stage 2 · Everyone");

        await page.ClickAsync("button:has-text('Check the decisions')");
        await Expect(page.Locator(".notice")).ToContainTextAsync("decisions follow from their stored facts.");
        await page.ClickAsync(".rollout button");
        await Expect(page.Locator(".head p")).ToContainTextAsync("The rollout is paused by Growth (development).");
        await page.ClickAsync(".undo button:has-text('Undo')");
        await Expect(page.Locator(".rollout")).ToContainTextAsync("Running");
        Assert.Empty(visitor.Errors);
    }
}
