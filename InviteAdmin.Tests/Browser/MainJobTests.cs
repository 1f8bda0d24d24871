using System.Text;
using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>The growth lead's day, by clicking: bring the list, see who is next, invite, think again, invite.</summary>
[Collection(BrowserCollection.Name)]
public sealed class MainJobTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task ImportThenInvite_UndoneAndDoneAgain_EveryPersonOnceAndNobodyTwice()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Growth);

        await visitor.OpenInteractive("/admin/waitlist/import");
        await page.Locator("#file").SetInputFilesAsync(new Microsoft.Playwright.FilePayload { Name = "list.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(List(60)) });
        await page.ClickAsync("text=Upload and check");
        await Expect(page.Locator("p.sentence")).ToContainTextAsync("60 people will be added out of 61 rows", new() { Timeout = 15_000 });
        await page.ClickAsync("button:has-text('Import 60 people')");
        await Expect(page.Locator("p.sentence")).ToContainTextAsync("60 people were added", new() { Timeout = 15_000 });
        await page.ClickAsync("text=See the waitlist");
        await Expect(page.Locator(".pager [role=status]")).ToHaveTextAsync("1–50 of 60");

        await page.Keyboard.PressAsync("n");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Invite next…");
        await page.FillAsync("#count", "10");
        await page.ClickAsync("text=Show who");
        await Expect(page.Locator("p.sentence")).ToContainTextAsync("10 people will be invited");
        await page.FillAsync("#who", "person07@");
        await Expect(page.Locator("[role=status]:has-text('Yes: ')")).ToContainTextAsync("rank 7");
        await page.ClickAsync("button:has-text('Invite 10 people…')");
        await page.ClickAsync("dialog button:has-text('Invite 10 people')");

        await Expect(page.Locator("h1")).ToHaveTextAsync("Cohort 1", new() { Timeout = 15_000 });
        await Expect(page.Locator(".undo")).ToContainTextAsync("10 people invited. Mail goes out in");
        await page.ClickAsync(".undo button:has-text('Undo')");
        await Expect(page.Locator(".undo")).ToContainTextAsync("no mail was sent, and 10 people wait again at their old place.");
        Assert.Equal(60, await app.Database.Scalar<long>("SELECT count(*) FROM waitlist_entries WHERE status = 'waiting'"));

        await visitor.OpenInteractive("/admin/invite?count=10");
        await page.ClickAsync("button:has-text('Invite 10 people…')");
        await page.DblClickAsync("dialog button:has-text('Invite 10 people')");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Cohort 2", new() { Timeout = 15_000 });

        Assert.Equal(10, await app.Database.Scalar<long>("SELECT count(*) FROM waitlist_entries WHERE status = 'invited'"));
        Assert.Equal(2, await app.Database.Scalar<long>("SELECT count(*) FROM cohorts"));
        Assert.Equal(0, await app.Database.Scalar<long>("SELECT count(*) FROM invariant_check WHERE violations <> 0"));
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Address_OpenedInAFreshBrowser_ShowsTheSameRows()
    {
        await app.Database.Scalar<long>("""
            WITH added AS (
              INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token)
              SELECT 'wl_u' || g, 'unsure' || g || '@example.com', 'unsure' || g || '@example.com', 'Unsure ' || g, 'unconfirmed', 'ur' || g, 'us' || g FROM generate_series(1, 3) g RETURNING id)
            SELECT count(*) FROM added
            """);
        await using var first = await chromium.NewVisitor(app.Address);
        await first.SignIn(Role.Viewer);
        await first.OpenInteractive("/admin/waitlist");
        await first.Page.ClickAsync(".tabs a:has-text('Unconfirmed')");
        await first.Page.FillAsync("#q", "unsure2");
        await first.Page.PressAsync("#q", "Enter");
        await Expect(first.Page.Locator("tbody tr")).ToHaveCountAsync(1);

        await using var second = await chromium.NewVisitor(app.Address);
        await second.SignIn(Role.Support);
        await second.OpenInteractive(new Uri(first.Page.Url).PathAndQuery);

        await Expect(second.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(second.Page.Locator("tbody tr")).ToContainTextAsync("unsure2@example.com");
    }

    // Sixty people in the order of their names, and one row that is none.
    private static string List(int people)
    {
        var csv = new StringBuilder("email,name,joined at\n");
        for (var i = 1; i <= people; i++) csv.Append($"person{i:00}@example.com,Person {i:00},2026-01-01T10:{i - 1:00}:00Z\n");
        return csv.Append("not an address,Nobody,2026-01-01\n").ToString();
    }
}
