using System.IO.Compression;
using System.Text;
using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace InviteAdmin.Tests.Browser;

/// <summary>A company moves in with the members it has, and takes everything out again: by clicking, and by the verbs of the app as a process of its own.</summary>
[Collection(BrowserCollection.Name)]
public sealed class MoveInTests(Chromium chromium, RunningApp app) : IClassFixture<RunningApp>
{
    private const string Members = "email,name,tier,invited by\nleaf@example.com,Leaf,,root@example.com\nroot@example.com,Root,vip,\nstray@example.com,Stray,,nobody@example.com\n";

    [Fact]
    public async Task Members_ImportedThenEverythingTakenOut_ByPageAndByVerb()
    {
        await using var visitor = await chromium.NewVisitor(app.Address);
        var page = visitor.Page;
        await visitor.SignIn(Role.Growth);
        await visitor.OpenInteractive("/admin/waitlist/import");
        await page.SelectOptionAsync("#of", "members");
        await page.Locator("#file").SetInputFilesAsync(new Microsoft.Playwright.FilePayload { Name = "members.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(Members) });
        await page.ClickAsync("text=Upload and check");
        await Expect(page.Locator("p.sentence")).ToContainTextAsync("2 people will be added out of 3 rows");
        await page.ClickAsync("button:has-text('Import 2 people')");
        await Expect(page.Locator("p.sentence")).ToContainTextAsync("2 people were added");
        await page.ClickAsync("text=See the people");
        await Expect(page.Locator("table")).ToContainTextAsync("Leaf");
        Assert.Equal("leaf<root", await app.Database.Scalar<string>(
            "SELECT split_part(m.email, '@', 1) || '<' || split_part(b.email, '@', 1) FROM referrals r JOIN members m ON m.id = r.referred_member_id JOIN members b ON b.id = r.referrer_member_id"));

        await visitor.OpenInteractive("/admin/settings");
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("a:has-text('Export everything')"));
        Assert.Equal("inviteadmin.zip", download.SuggestedFilename);
        var clicked = Lines(await download.PathAsync(), "members");

        var folder = Directory.CreateTempSubdirectory();
        var (zip, more) = (Path.Combine(folder.FullName, "all.zip"), Path.Combine(folder.FullName, "more.csv"));
        await File.WriteAllTextAsync(more, "email,invited by\ntwig@example.com,leaf@example.com\n,x\n");
        await using (var import = await AppProcess.Finish(app.Database.Settings, "import", more, "--members"))
        {
            Assert.Equal((0, "2 rows: 1 added, 0 known already, 0 repeated in the file, 1 not taken."), (await import.Exit(), import.Output.Trim().Split('\n')[0].Trim()));
        }

        await using (var export = await AppProcess.Finish(app.Database.Settings, "export", zip))
        {
            Assert.True(await export.Exit() == 0, export.Errors);
        }

        Assert.Equal(clicked.Length + 1, Lines(zip, "members").Length);
        // But for the last column: whoever was named as an inviter meanwhile has brought one more.
        Assert.Equal(clicked.Select(Known), Lines(zip, "members")[..clicked.Length].Select(Known));
        await using (var again = await AppProcess.Finish(app.Database.Settings, "export", zip))
        {
            Assert.NotEqual(0, await again.Exit());
            Assert.Contains("There is a file", again.Errors + again.Output, StringComparison.Ordinal);
        }

        Assert.Equal(0, await app.Database.Scalar<long>("SELECT count(*) FROM invariant_check WHERE violations <> 0"));
        folder.Delete(recursive: true);
        Assert.Empty(visitor.Errors);
    }

    private static string Known(string line) => line[..line.LastIndexOf(',')];

    private static string[] Lines(string path, string name)
    {
        using var zip = ZipFile.OpenRead(path);
        using var text = new StreamReader(zip.GetEntry(name + ".csv")!.Open(), Encoding.UTF8);
        return text.ReadToEnd().TrimEnd().Split("\r\n");
    }
}
