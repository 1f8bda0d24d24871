using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.People;

/// <summary>Members who came before us, and everything out and in again.</summary>
public sealed partial class ImportMembersTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task ImportMembers_InviterInAnyOrder_EachBadRowIsNamedAndTheRestIsWhole()
    {
        // A member from before, one who waits, and one whose invitation is open.
        await _product.Waiting("veteran@example.com");
        await _product.Release(1);
        var code = await _database.Scalar<string>("SELECT shown FROM invite_codes WHERE kind = 'waitlist'");
        (await _product.Redeem(code, "veteran@example.com")).Must();
        await _product.Waiting("open@example.com");
        await _product.Release(1);
        await _product.Waiting("waits@example.com");
        var csv = string.Join('\n',
            "email,name,tier,invited by,joined at,phone",
            "leaf@example.com,Leaf,,middle@example.com,2024-03-03,1",
            "middle@example.com,Middle,vip,root@example.com,2024-02-02,2",
            "root@example.com,Root,,,2024-01-01,3",
            "below.veteran@example.com,Below,,VETERAN@example.com,,4",
            "waits@example.com,Waits,,root@example.com,2024-05-05,5",
            "third@example.com,Third,,root@example.com,,6",
            "veteran@example.com,Veteran,,,,7",
            "open@example.com,Open,,,,8",
            "self@example.com,Self,,self@example.com,,9",
            "stray@example.com,Stray,,nobody@example.com,,10",
            "below.stray@example.com,Below stray,,stray@example.com,,11",
            "ring.one@example.com,One,,ring.two@example.com,,12",
            "ring.two@example.com,Two,,ring.one@example.com,,13",
            "below.ring@example.com,Below ring,,ring.one@example.com,,14",
            "ROOT@example.com,Root again,,,,15",
            "no address,Nobody,,,,16",
            "bad.inviter@example.com,Bad inviter,,what is this,,17",
            $"bad.tier@example.com,Bad tier,{new string('x', 41)},,,18",
            "future@example.com,Future,,,2999-01-01,19",
            "\"=cmd@example.com\",'=1+1,,,,20");

        var dry = await Import(csv, dryRun: true);
        Assert.Equal((20, 7, 2, 1, 10, 5), (dry.Rows, dry.Added, dry.Known, dry.Repeated, dry.Invalid, dry.Linked));
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM members"));

        var report = await Import(csv);
        Assert.Equal((20, 7, 2, 1, 10, 5), (report.Rows, report.Added, report.Known, report.Repeated, report.Invalid, report.Linked));
        Assert.Equal(["phone"], report.IgnoredColumns);
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (var rejects = _database.Source.CreateCommand("SELECT r.line || ' ' || r.field, r.reason FROM import_rejects r JOIN operations o ON o.id = r.operation_id WHERE o.kind = 'import-members'"))
        await using (var reader = await rejects.ExecuteReaderAsync())
            while (await reader.ReadAsync()) reasons[reader.GetString(0)] = reader.GetString(1);
        Assert.Equal(13, reasons.Count);
        Assert.Equal("Is a member already.", reasons["8 email"]);
        Assert.StartsWith("Has an open invitation", reasons["9 email"]);
        Assert.Equal("Names the person as their own inviter.", reasons["10 invitedBy"]);
        Assert.Equal("The inviter is no member and has no good row in this file.", reasons["11 invitedBy"]);
        Assert.Equal("The inviter's own row was not taken.", reasons["12 invitedBy"]);
        Assert.All(["13 invitedBy", "14 invitedBy", "15 invitedBy"], line => Assert.Equal("The inviters go round in a circle.", reasons[line]));
        Assert.Equal("Stands in this file already, on line 4.", reasons["16 email"]);
        Assert.All(["17 email", "18 invitedBy", "19 tier", "20 joinedAt"], line => Assert.True(reasons.ContainsKey(line), line));

        // Who invited whom, counted; three of root's make a milestone that lies behind her.
        Assert.Equal("leaf<middle;middle<root;waits<root;third<root;below.veteran<veteran", await _database.Scalar<string>(
            "SELECT string_agg(split_part(m.email, '@', 1) || '<' || split_part(b.email, '@', 1), ';' ORDER BY array_position(ARRAY['leaf', 'middle', 'waits', 'third', 'below.veteran'], split_part(m.email, '@', 1))) FROM referrals r JOIN members m ON m.id = r.referred_member_id JOIN members b ON b.id = r.referrer_member_id"));
        Assert.Equal("3:0:imported", await _database.Scalar<string>("SELECT m.credited_referrals || ':' || g.codes || ':' || g.reason FROM reward_grants g JOIN members m ON m.id = g.member_id WHERE m.email = 'root@example.com'"));
        Assert.Equal("vip 2024-02-02", await _database.Scalar<string>("SELECT tier || ' ' || registered_at::date FROM members WHERE email = 'middle@example.com'"));
        Assert.Equal("registered", await _database.Scalar<string>("SELECT status FROM waitlist_entries WHERE email = 'waits@example.com'"));
        Assert.Equal("=1+1", await _database.Scalar<string>("SELECT name FROM members WHERE email LIKE '%cmd@example.com'"));
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM outbox o JOIN members m ON m.id = o.member_id WHERE m.base_codes = 0"));
        Assert.Empty(await _product.Violations());

        // The same file again adds nobody, and its own people are members now.
        var again = await Import(csv);
        Assert.Equal((0, 9), (again.Added, again.Known));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ExportThenImport_IntoAnEmptyDatabase_IsEqualWhereItIsDefinedToBe()
    {
        var ann = await _product.Waiting("ann@example.com", source: "Product Hunt");
        await _product.Waiting("ben@example.com", ann.ReferralToken);
        await _product.Waiting("cleo@example.com", ann.ReferralToken);
        await _database.Execute("UPDATE waitlist_entries SET name = '=SUM(A1), \"Ann\"', joined_at = joined_at - interval '1 day' WHERE email = 'ann@example.com'");
        await _product.Release(2);
        await using (var codes = _database.Source.CreateCommand("SELECT c.shown, e.email FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id ORDER BY c.id"))
        await using (var reader = await codes.ExecuteReaderAsync())
            while (await reader.ReadAsync()) (await _product.Redeem(reader.GetString(0), reader.GetString(1))).Must();
        var personal = await _database.Scalar<string>("SELECT c.shown FROM invite_codes c JOIN members m ON m.id = c.owner_member_id WHERE m.email = 'ben@example.com' LIMIT 1");
        (await _product.Redeem(personal, "dora@example.com")).Must();
        var before = await Export(_product);
        Assert.Equal(ExportTables.All.Select(t => t.Name), before.Keys);
        Assert.All(before.Values, lines => Assert.True(lines.Length > 0));
        Assert.Contains("\"'=SUM(A1), \"\"Ann\"\"\"", before["entries"][1]);
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'everything.exported'"));

        var other = new FreshDatabase();
        await other.InitializeAsync();
        await using (var copy = new Product(other))
        {
            Assert.Equal(3, (await Import(string.Join("\r\n", before["entries"]), product: copy, members: false)).Added);
            var report = await Import(string.Join("\r\n", before["members"]), product: copy);
            Assert.Equal((3, 2), (report.Added, report.Linked));
            var after = await Export(copy);
            // email, name, source, joined at, referred by, confirmed; email, name, tier, invited by, joined at.
            Assert.Equal(Columns(before["entries"], 6), Columns(after["entries"], 6));
            Assert.Equal(Columns(before["members"], 5), Columns(after["members"], 5));
            Assert.Equal("registered,registered,waiting", await other.Scalar<string>("SELECT string_agg(status, ',' ORDER BY status) FROM waitlist_entries"));
            Assert.Empty(await copy.Violations());
        }

        await other.DisposeAsync();
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public void Export_EveryFile_IsInTheDocumentation()
    {
        var documentation = File.ReadAllText(Path.Combine(InviteAdmin.Hosting.Settings.Root()!, "docs/import-export.md"));
        Assert.All(ExportTables.All, table => Assert.Contains($"| `{table.Name}.csv` | {table.Columns.Replace(",", ", ", StringComparison.Ordinal)} |", documentation, StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    // A comma outside quotes.
    [GeneratedRegex(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")]
    private static partial Regex Comma();

    private static IEnumerable<string> Columns(string[] lines, int count) => lines.Select(l => string.Join(',', Comma().Split(l).Take(count)));

    private static async Task<Dictionary<string, string[]>> Export(Product product)
    {
        using var file = new MemoryStream();
        (await product.Do<ExportEverything, Outcome<ExportedRows>>(e => e.One(Product.Owner, file, CsvText.Line, default))).Must();
        file.Position = 0;
        await using var zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Read, leaveOpen: true, Encoding.UTF8);
        var read = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            using var text = new StreamReader(await entry.OpenAsync(), Encoding.UTF8);
            read[Path.GetFileNameWithoutExtension(entry.Name)] = (await text.ReadToEndAsync()).TrimEnd().Split("\r\n");
        }

        return read;
    }

    private async Task<ImportReport> Import(string csv, bool dryRun = false, Product? product = null, bool members = true)
    {
        var to = product ?? _product;
        var file = (await to.Do<ImportWaitlist, Outcome<string>>(i => i.Upload(Product.Owner, new MemoryStream(Encoding.UTF8.GetBytes(csv)), default))).Must();
        var id = (members
            ? await to.Do<ImportMembers, Outcome<string>>(i => i.Start(Product.Owner, file, "people.csv", dryRun, file, default))
            : await to.Do<ImportWaitlist, Outcome<string>>(i => i.Start(Product.Owner, file, "people.csv", dryRun, file, default))).Must();
        while (await to.One<OperationRunner>().Step(default)) { }
        var done = (await to.One<Operations>().Find(id, default))!;
        return done.State == "done" ? JsonSerializer.Deserialize<ImportReport>(done.Report!, JsonSerializerOptions.Web)! : throw new InvalidOperationException(done.Error);
    }
}
