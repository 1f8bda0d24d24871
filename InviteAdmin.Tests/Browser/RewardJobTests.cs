using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>The growth lead thanks whoever brings the most, thinks again, and a viewer may only look; and a chain is walked by keyboard alone.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RewardJobTests(Chromium chromium, DemoApp demo) : IClassFixture<DemoApp>
{
    private const string Top = "tbody tr:first-child";

    [Fact]
    public async Task Growth_RewardsTheTopReferrerWithAReason_AndUndoes()
    {
        await using var visitor = await chromium.NewVisitor(demo.App.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Growth);
        await visitor.OpenInteractive("/admin/referrals");

        await page.ClickAsync($"{Top} button:has-text('Reward…')");
        await page.ClickAsync("dialog button.main");
        await Expect(page.Locator("dialog [role=alert]")).ToHaveTextAsync("Reason is needed.");
        await page.FillAsync("#reward-reason", "Brought half the town.");
        await page.DblClickAsync("dialog button.main");

        await Expect(page.Locator(".undo")).ToContainTextAsync("is a VIP and has 25 more codes.");
        await Expect(page.Locator(Top)).ToContainTextAsync("Rewarded");
        Assert.Equal(1, await demo.App.Database.Scalar<long>("SELECT count(*) FROM reward_grants WHERE by_staff AND undone_at IS NULL AND reason = 'Brought half the town.'"));
        await page.ClickAsync(".undo button:has-text('Undo')");
        await Expect(page.Locator(".undo")).ToContainTextAsync("its 25 codes have ended");
        await Expect(page.Locator(Top)).ToContainTextAsync("Reward…");

        Assert.Equal(0, await demo.App.Database.Scalar<long>("SELECT count(*) FROM reward_grants WHERE by_staff AND undone_at IS NULL"));
        Assert.Equal(0, await demo.App.Database.Scalar<long>("SELECT count(*) FROM invariant_check WHERE violations <> 0"));
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Viewer_SeesWhoMayRewardAndNothingHappens()
    {
        await using var visitor = await chromium.NewVisitor(demo.App.Address);
        await visitor.SignIn(Role.Viewer);
        await visitor.OpenInteractive("/admin/referrals");

        var button = visitor.Page.Locator($"{Top} button:has-text('Reward…')");
        await Expect(button).ToHaveAttributeAsync("title", "This needs the role Owner or Growth.");
        await button.ClickAsync(new() { Force = true });

        Assert.Equal(0, await visitor.Page.Locator("dialog[open]").CountAsync());
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Chain_ByKeyboardAlone_OpensClosesAndEntersABranch()
    {
        var top = await demo.App.Database.Scalar<string>("SELECT public_id FROM members ORDER BY credited_referrals DESC LIMIT 1");
        await using var visitor = await chromium.NewVisitor(demo.App.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Viewer);
        await visitor.OpenInteractive($"/admin/referrals/{top}");

        await page.FocusAsync("[role=treeitem][tabindex='0']");
        while (await page.EvaluateAsync<string?>("document.activeElement.getAttribute('aria-expanded')") is null) await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("[role=treeitem][aria-level='2']").First).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal("2", await page.EvaluateAsync<string>("document.activeElement.getAttribute('aria-level')"));
        var name = await page.EvaluateAsync<string>("document.activeElement.querySelector('[data-enter]').textContent");
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(page.Locator("[role=treeitem][aria-level='2']")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("[role=treeitem][aria-level='2']").First).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("h1")).ToHaveTextAsync(name);
        Assert.InRange(await page.Locator("[role=treeitem][tabindex='0']").CountAsync(), 0, 1);
        Assert.Empty(visitor.Errors);
    }
}
