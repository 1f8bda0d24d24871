using InviteAdmin.Access;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>Support's day, by clicking: find a person from a pasted email, say what happened, send the invitation again, think again.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SupportTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task Support_PastedEmailOfAnotherCase_ReadsTheSentenceResendsAndUndoes()
    {
        var entry = await Invited("maya.lopez@example.com");
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Support);

        await visitor.OpenInteractive("/admin/people");
        await page.FillAsync("#q", " Maya.LOPEZ@Example.com ");
        await page.PressAsync("#q", "Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Ann Example");
        Assert.EndsWith($"/admin/people/{entry.Id}", page.Url, StringComparison.Ordinal);
        await Expect(page.Locator(".sentence")).ToContainTextAsync("The mail was sent today. The code is unused and runs out in");
        await Expect(page.Locator(".support")).ToContainTextAsync("Resend the invitation if they cannot find it.");

        await page.DblClickAsync("button:has-text('Resend invitation')");
        await Expect(page.Locator(".undo")).ToContainTextAsync("The invitation goes to Ann Example again. Last sent");
        await Expect(page.Locator(".sentence")).ToContainTextAsync("goes out again");
        await page.ClickAsync(".undo button:has-text('Undo')");
        await Expect(page.Locator(".undo")).ToContainTextAsync("Undone: nothing was sent again.");
        await Expect(page.Locator(".timeline")).ToContainTextAsync("Took back the second mail to this person by");
        Assert.Equal(1, await app.Database.Scalar<long>("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'resend:%' AND state = 'cancelled'"));
        Assert.Equal(0, await app.Database.Scalar<long>("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'resend:%' AND state <> 'cancelled'"));

        await page.ClickAsync("text=History of staff actions");
        await Expect(page.Locator("tbody")).ToContainTextAsync("resent the invitation of Ann Example");
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Viewer_SeesTheButtonsWithTheReason_AndPressingThemDoesNothing()
    {
        var entry = await Invited("viewer@example.com");
        await using var visitor = await chromium.NewVisitor(app.Address);
        await visitor.SignIn(Role.Viewer);
        await visitor.OpenInteractive($"/admin/people/{entry.Id}");

        var resend = visitor.Page.Locator("button:has-text('Resend invitation')");
        await Expect(resend).ToHaveAttributeAsync("aria-disabled", "true");
        Assert.Contains("the role Owner or Growth or Support", await resend.GetAttributeAsync("title"), StringComparison.Ordinal);
        await resend.ClickAsync(new() { Force = true });

        Assert.Equal(0, await app.Database.Scalar<long>($"SELECT count(*) FROM outbox o JOIN waitlist_entries e ON e.id = o.entry_id WHERE e.email = 'viewer@example.com' AND o.dedupe_key LIKE 'resend:%'"));
        await using var scope = app.Services.CreateAsyncScope();
        Assert.IsType<NotAllowed>((await scope.ServiceProvider.GetRequiredService<ResendInvitation>().One(Actor.Staff("9", "Vic", [Role.Viewer]), entry.Id, default)).Failure);
    }

    [Fact]
    public async Task PersonWithAnAwkwardName_BreaksNoLayout_AndNothingRuns()
    {
        string[] names = ["<script>alert(1)</script> <b>Bold</b>", "مايا لوبيز سميث", new('W', 200)];
        await using var visitor = await chromium.NewVisitor(app.Address, new() { ViewportSize = new() { Width = 320, Height = 800 } });
        await visitor.SignIn(Role.Support);
        for (var i = 0; i < names.Length; i++)
        {
            await using var scope = app.Services.CreateAsyncScope();
            var entry = (await scope.ServiceProvider.GetRequiredService<JoinWaitlist>().One(Product.Key, new JoinRequest($"awkward{i}@example.com", names[i], EmailVerified: true), default)).Must().Entry;
            foreach (var path in (string[])[$"/admin/people/{entry.Id}", "/admin/people", "/admin/audit"])
            {
                await visitor.OpenInteractive(path);
                Assert.True(await visitor.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, $"{path} is too wide for {names[i]}");
            }
        }

        Assert.Empty(visitor.Errors);
    }

    private async Task<EntryFacts> Invited(string email)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var entry = (await services.GetRequiredService<JoinWaitlist>().One(Product.Key, new JoinRequest(email, "Ann Example", EmailVerified: true), default)).Must().Entry;
        (await services.GetRequiredService<InvitePerson>().One(Product.Owner, entry.Id, null, default)).Must();
        await using (var due = app.Database.Source.CreateCommand("UPDATE cohorts SET undo_until = now(); UPDATE outbox SET due_at = now() WHERE template = 'invitation' AND state = 'pending'")) await due.ExecuteNonQueryAsync();
        await WaitFor.True(async () => await app.Database.Scalar<long>($"SELECT count(*) FROM outbox WHERE recipient = '{email}' AND template = 'invitation' AND state = 'sent'") == 1);
        return entry;
    }
}
