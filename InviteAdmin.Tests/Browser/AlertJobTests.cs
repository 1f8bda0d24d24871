using InviteAdmin.Access;
using InviteAdmin.Tests.Api;
using InviteAdmin.Tests.Support;
using InviteAdmin.Tests.Webhooks;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>The owner lets a chat hear of trouble, sees a test arrive, and takes the chat away again.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AlertJobTests(Chromium chromium, HookedApp app) : IClassFixture<HookedApp>
{
    [Fact]
    public async Task Chat_SavedTestedAndRemoved_SaysEachTimeWhatHolds()
    {
        await using var receiver = await WebhookReceiver.Start();
        await using var visitor = await chromium.NewVisitor(app.Address, new() { ViewportSize = new() { Width = 320, Height = 720 } });
        var page = visitor.Page;
        await visitor.SignIn(Role.Owner);
        await visitor.OpenInteractive("/admin/settings?section=alerts");

        await page.FillAsync("#url", "http://10.0.0.1/services/secret");
        await page.ClickAsync("button:has-text('Save the chat')");
        await Expect(page.Locator(".field")).ToContainTextAsync("private or special network");
        await page.FillAsync("#url", receiver.Url("/services/secret"));
        await page.ClickAsync("button:has-text('Save the chat')");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("127.0.0.1, by an address that is kept secret");
        await Expect(page.Locator("#url")).ToHaveValueAsync("");
        Assert.DoesNotContain("services/secret", await page.ContentAsync(), StringComparison.Ordinal);

        await page.ClickAsync("button:has-text('Send a test')");
        await WaitFor.True(() => Task.FromResult(receiver.Taken.Any(t => t.Body.Contains("This is a test.", StringComparison.Ordinal))));
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("Sent");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));

        await page.ClickAsync("button:has-text('Remove the chat…')");
        await page.ClickAsync("dialog button.danger");
        await Expect(page.Locator("dl.facts")).ToHaveCountAsync(0);
        Assert.Empty(visitor.Errors);
    }
}
