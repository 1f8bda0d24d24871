using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

[Collection(BrowserCollection.Name)]
public sealed class SignInTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    [Theory]
    [InlineData(Role.Owner, true)]
    [InlineData(Role.Growth, true)]
    [InlineData(Role.Support, false)]
    [InlineData(Role.Developer, false)]
    [InlineData(Role.Viewer, false)]
    public async Task SignIn_EachRole_SeesTheDashboardAndOnlyItsOwnActions(string role, bool mayRelease)
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        await visitor.SignIn(role);

        await Expect(visitor.Page.Locator("h1")).ToHaveTextAsync("Overview");
        await Expect(visitor.Page.Locator("a:has-text('Invite next…')")).ToHaveCountAsync(mayRelease ? 1 : 0);
        await Expect(visitor.Page.Locator("button[aria-disabled=true]:has-text('Invite next…')")).ToHaveCountAsync(mayRelease ? 0 : 1);
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task SignIn_WrongPassword_SaysTheSameAsForAnUnknownEmail()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        var said = new List<string>();
        foreach (var email in new[] { SignedIn.As(Role.Viewer).Email, "nobody@example.com" })
        {
            await visitor.Page.GotoAsync("/sign-in?returnUrl=https://elsewhere.example.com/");
            await visitor.Page.FillAsync("#email", email);
            await visitor.Page.FillAsync("#password", "not the password");
            await visitor.Page.ClickAsync("button[type=submit]");
            said.Add(await visitor.Page.Locator("[role=alert]").InnerTextAsync());
            Assert.Equal("/admin", await visitor.Page.Locator("[name=returnUrl]").InputValueAsync());
        }

        Assert.Equal(said[0], said[1]);
    }

    [Fact]
    public async Task SignOut_ThenAPage_AsksToSignInAgain()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        await visitor.SignIn();

        await visitor.Page.ClickAsync("details.me > summary");
        await visitor.Page.ClickAsync("text=Sign out");
        await Expect(visitor.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/sign-in$"));
        await visitor.Page.GotoAsync("/admin/waitlist");

        Assert.Contains("/sign-in?returnUrl=%2Fadmin%2Fwaitlist", visitor.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Theme_Chosen_FollowsThePersonToAnotherBrowser()
    {
        await using var first = await chromium.NewVisitor(app.Address);
        await first.SignIn(Role.Support);
        await first.Page.ClickAsync("details.me > summary");
        await first.Page.ClickAsync("details.me label:has-text('Dark')");
        await Expect(first.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");

        await using var second = await chromium.NewVisitor(app.Address);
        await WaitFor.True(async () => await app.Database.Scalar<long>("SELECT count(*) FROM staff_users WHERE theme = 'dark'") == 1);
        await second.SignIn(Role.Support);

        await Expect(second.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
    }
}
