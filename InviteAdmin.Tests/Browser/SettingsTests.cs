using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>What an owner does on the settings, in two tabs and by clicking twice.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SettingsTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task Lifetime_ChangedInTwoTabs_TheSecondSeesBothVersionsAndChooses()
    {
        await using var first = await chromium.NewVisitor(app.Address);
        await using var second = await chromium.NewVisitor(app.Address);
        await first.SignIn(Role.Owner);
        await second.SignIn(Role.Owner);
        await first.OpenInteractive("/admin/settings?section=lifetimes");
        await second.OpenInteractive("/admin/settings?section=lifetimes");
        await second.Page.FillAsync("#invitationDays", "21");
        await second.Page.PressAsync("#invitationDays", "Tab");

        await first.Page.FillAsync("#invitationDays", "10");
        await first.Page.PressAsync("#invitationDays", "Tab");
        await first.Page.ClickAsync("text=Save invitations");
        await Expect(first.Page.Locator(".undo")).ToContainTextAsync("Saved.");
        Assert.Equal("10", await app.Database.Scalar<string>("SELECT saved->>'InvitationDays' FROM settings WHERE section = 'lifetimes'"));

        await second.Page.ClickAsync("text=Save invitations");
        var conflict = second.Page.Locator(".conflict");
        await Expect(conflict).ToContainTextAsync("Owner (development) changed this while you were editing");
        await Expect(conflict.Locator("tbody")).ToContainTextAsync("10 days");
        await Expect(conflict.Locator("tbody")).ToContainTextAsync("21 days");
        Assert.Equal("10", await app.Database.Scalar<string>("SELECT saved->>'InvitationDays' FROM settings WHERE section = 'lifetimes'"));
        await conflict.Locator("text=Save mine").ClickAsync();
        await Expect(second.Page.Locator(".undo")).ToContainTextAsync("Saved.");

        Assert.Equal("21", await app.Database.Scalar<string>("SELECT saved->>'InvitationDays' FROM settings WHERE section = 'lifetimes'"));
        await Expect(first.Page.Locator("#invitationDays")).ToHaveValueAsync("21");
        Assert.Empty(first.Errors.Concat(second.Errors));
    }

    [Fact]
    public async Task Source_AddedByTwoClicks_IsAddedOnceThenRetiredAndUndone()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Owner);
        await visitor.OpenInteractive("/admin/settings");

        await page.FillAsync("#source-name", "Newsletter");
        await page.FillAsync("#source-points", "7");
        await page.DblClickAsync("button:has-text('Add source')");
        var row = page.Locator("tbody tr:has-text('Newsletter')");
        await Expect(row).ToContainTextAsync("+7");
        Assert.Equal(1, await app.Database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'source.added'"));

        await row.Locator("button:has-text('Retire')").ClickAsync();
        await Expect(row).ToContainTextAsync("Retired");
        await page.ClickAsync(".undo button:has-text('Undo')");
        await Expect(row).Not.ToContainTextAsync("Retired");
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Job_PausedWithAReason_StandsThereForTheNextPerson()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Growth);
        await visitor.OpenInteractive("/admin/jobs");
        var row = page.Locator("tbody tr:has-text('Rank rebuild')");

        await row.Locator("button:has-text('Pause…')").ClickAsync();
        await page.FillAsync("#pause-reason", "Redis is being moved.");
        await page.PressAsync("#pause-reason", "Tab");
        await page.ClickAsync("dialog button:has-text('Pause')");
        await Expect(row).ToContainTextAsync("Redis is being moved.");

        await using var support = await chromium.NewVisitor(app.Address);
        await support.SignIn(Role.Support);
        await support.OpenInteractive("/admin/jobs");
        await Expect(support.Page.Locator("tbody tr:has-text('Rank rebuild')")).ToContainTextAsync("by Growth (development) since");
        Assert.Equal("true", await support.Page.Locator("tbody tr:has-text('Rank rebuild') button:has-text('Resume')").GetAttributeAsync("aria-disabled"));
        await row.Locator("button:has-text('Resume')").ClickAsync();
        await Expect(row).Not.ToContainTextAsync("Redis is being moved.");
    }
}
