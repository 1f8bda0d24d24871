using InviteAdmin.Access;
using InviteAdmin.Campaigns;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>Codes by clicking: mint, copy, take back, think again; and what a role that may not do it sees.</summary>
[Collection(BrowserCollection.Name)]
public sealed class CodeJobTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task Growth_MintsAWord_CopiesRevokesAndUndoes()
    {
        await using var visitor = await chromium.NewVisitor(app.Address, new() { Permissions = ["clipboard-read", "clipboard-write"] });
        var page = visitor.Page;
        await visitor.SignIn(Role.Growth);

        await visitor.OpenInteractive("/admin/campaigns");
        await page.ClickAsync("button:has-text('Mint codes…')");
        await page.FillAsync("#name", "Autumn talk");
        await page.ClickAsync("text=One spelled-out word");
        await page.FillAsync("#word", "autumn26");
        await Expect(page.Locator(".sample code")).ToHaveTextAsync("AUTUMN26");
        await Expect(page.Locator(".sample p")).ToContainTextAsync("overheard");
        await page.DblClickAsync("button:has-text('Mint 1 code')");

        await Expect(page.Locator("h1")).ToHaveTextAsync("Autumn talk");
        await Expect(page.Locator(".notice.good")).ToContainTextAsync("1 code is minted");
        Assert.Equal(1, await app.Database.Scalar<long>("SELECT count(*) FROM campaigns WHERE name = 'Autumn talk'"));
        await page.ClickAsync(".share [aria-label='Copy sign-up link']");
        Assert.EndsWith("/signup?code=AUTUMN26", await page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('.qr').naturalWidth > 0"));

        await page.ClickAsync("table a:has-text('AUTUMN26')");
        await Expect(page.Locator("h1")).ToHaveTextAsync("AUTUMN26");
        await page.ClickAsync("button:has-text('Revoke…')");
        await Expect(page.Locator("dialog.ask")).ToContainTextAsync("500 unused uses end.");
        await page.ClickAsync("dialog button.main");
        await Expect(page.Locator("dialog [role=alert]")).ToContainTextAsync("Reason is needed");
        await page.FillAsync("#revoke-reason", "Posted in public.");
        await page.ClickAsync("dialog button.main");
        await Expect(page.Locator(".undo")).ToContainTextAsync("AUTUMN26 is revoked.");
        await Expect(page.Locator(".state").First).ToHaveTextAsync("blockRevoked");
        await page.ClickAsync(".undo button:has-text('Undo')");
        await Expect(page.Locator(".undo")).ToContainTextAsync("AUTUMN26 works again.");

        Assert.Equal("active", await app.Database.Scalar<string>("SELECT status FROM invite_codes WHERE shown = 'AUTUMN26'"));
        Assert.Equal(0, await app.Database.Scalar<long>("SELECT count(*) FROM invariant_check WHERE violations <> 0"));
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Growth_MintsThousands_SeesThemComeAndFindsThemInTheList()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Growth);
        await visitor.OpenInteractive("/admin/campaigns?mint=true");
        await page.FillAsync("#name", "Roadshow");
        await page.FillAsync("#prefix", "road");
        await page.FillAsync("#codes", "6000");
        await Expect(page.Locator(".sample code")).ToContainTextAsync("ROAD-");
        await page.ClickAsync("button:has-text('Mint 6,000 codes')");

        await Expect(page.Locator("h1")).ToHaveTextAsync("Roadshow", new() { Timeout = 20_000 });
        await page.ClickAsync("text=All 6,000 codes");
        await Expect(page.Locator(".pager [role=status]")).ToHaveTextAsync("1–50 of 6,000");
        await page.SelectOptionAsync("#state", "revoked");
        await Expect(page.Locator("text=Nothing matches")).ToBeVisibleAsync();
        Assert.Contains("state=revoked", page.Url, StringComparison.Ordinal);
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Viewer_SeesCodesAndWhyNothingCanBeDone_AndTheUseCaseRefusesToo()
    {
        var minted = await Do<MintCampaign, MintedCampaign>((m, actor) => m.One(actor, new MintRequest("Seen", 2, 5), default), Role.Owner);
        var code = minted.Must().Codes[0];
        await using var visitor = await chromium.NewVisitor(app.Address);
        await visitor.SignIn(Role.Viewer);
        await visitor.OpenInteractive($"/admin/codes/{code}");

        foreach (var (button, roles) in ((string, string)[])[("Revoke…", "Owner or Growth or Support"), ("Extend…", "Owner or Growth or Support"), ("Change limit…", "Owner or Growth")])
        {
            var locator = visitor.Page.Locator($"button:has-text('{button}')");
            await Expect(locator).ToHaveAttributeAsync("aria-disabled", "true");
            await Expect(locator).ToHaveAttributeAsync("title", $"This needs the role {roles}.");
            await locator.ClickAsync(new() { Force = true });
        }

        Assert.Equal(0, await visitor.Page.Locator("dialog[open]").CountAsync());
        await visitor.OpenInteractive($"/admin/campaigns/{minted.Must().Slug}");
        await Expect(visitor.Page.Locator("button:has-text('Revoke all…')")).ToHaveAttributeAsync("aria-disabled", "true");
        Assert.IsType<NotAllowed>((await Do<RevokeCode, CodeFacts>((r, actor) => r.One(actor, code, "No.", default), Role.Viewer)).Failure);
        Assert.IsType<NotAllowed>((await Do<RevokeCampaign, RevokedCampaign>((r, actor) => r.All(actor, minted.Must().Slug, "No.", default), Role.Viewer)).Failure);
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Growth_MakesAVipCodeByMail_TakesItBackBeforeItLeaves()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Growth);
        await visitor.OpenInteractive("/admin/codes");
        await page.ClickAsync("button:has-text('VIP code…')");
        await page.FillAsync("#vip-name", "Vera Important");
        await page.FillAsync("#vip-email", "vera@example.com");
        await page.CheckAsync("text=Mail it to them");
        await page.ClickAsync("button:has-text('Make the code')");

        await Expect(page.Locator(".head p").Last).ToContainTextAsync("A VIP code, made for Vera Important.");
        await page.ClickAsync(".undo button:has-text('Undo')");
        await Expect(page.Locator(".facts")).ToContainTextAsync("Taken back before its mail left.");
        Assert.Equal("cancelled", await app.Database.Scalar<string>("SELECT state FROM outbox WHERE template = 'vip'"));
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Address_OfNonsense_ShowsThePageWithItIgnoredAndUnknownCodesAreSaid()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        await visitor.SignIn(Role.Support);
        foreach (var path in (string[])["/admin/codes?kind=7&state=broken&sort=drop+table&page=-3&q=%00%01", "/admin/codes?page=999999999", "/admin/campaigns?page=0&mint=perhaps", "/admin/codes?campaign=%E2%80%AEx"])
        {
            Assert.Equal(200, (await visitor.Page.GotoAsync(path))!.Status);
            await Expect(visitor.Page.Locator("h1")).Not.ToContainTextAsync("could not");
        }

        await visitor.Page.GotoAsync("/admin/codes/NO-SUCH-CODE");
        await Expect(visitor.Page.Locator(".blank h2")).ToHaveTextAsync("No code reads like this");
        await visitor.Page.GotoAsync("/admin/campaigns/no-such-campaign");
        await Expect(visitor.Page.Locator(".blank h2")).ToHaveTextAsync("There is no such campaign");
    }

    private async Task<Outcome<TValue>> Do<TUseCase, TValue>(Func<TUseCase, Actor, Task<Outcome<TValue>>> call, string role)
        where TUseCase : notnull
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<TUseCase>(), Actor.Staff("7", role, [role]));
    }
}
