using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Browser;

[Collection(BrowserCollection.Name)]
public sealed class InteractivityTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task Overview_ButtonClicked_CountsOverTheCircuit()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        await visitor.OpenInteractive("/admin");

        await visitor.Page.ClickAsync("button");

        await Microsoft.Playwright.Assertions.Expect(visitor.Page.Locator("[role=status]")).ToHaveTextAsync("1");
        Assert.Empty(visitor.Errors);
    }
}
