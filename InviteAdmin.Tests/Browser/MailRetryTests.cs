using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>A mail that was given up is sent again from its page.</summary>
[Collection(BrowserCollection.Name)]
public sealed class MailRetryTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task Dead_TriedAgainFromItsPage_IsSent()
    {
        var id = await app.Database.Scalar<long>(
            """WITH dead AS (INSERT INTO outbox (template, dedupe_key, recipient, payload, state, attempts, last_error) VALUES ('welcome', 'dead:1', 'ann@example.com', '{"name":"Ann","statusToken":"st","referralToken":"rt"}', 'dead', 8, 'Gone.') RETURNING id) SELECT id FROM dead""");
        await using var visitor = await chromium.NewVisitor(app.Address);
        await visitor.SignIn(Role.Growth);
        await visitor.OpenInteractive($"/admin/emails/{id}");
        await visitor.Page.ClickAsync("button:has-text('Try again')");

        await WaitFor.True(async () => await app.Database.Scalar<string>($"SELECT state || ' ' || attempts FROM outbox WHERE id = {id}") == "sent 1");
        await Expect(visitor.Page.Locator(".state").First).ToContainTextAsync("ent", new() { IgnoreCase = true });
        Assert.Equal(1, await app.Database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'mail.retried'"));
        Assert.Empty(visitor.Errors);
    }
}
