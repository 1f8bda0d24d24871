using System.Text;
using System.Text.Json;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Waitlist;

public sealed class ImportWaitlistTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task ImportWaitlist_ReferrersAndSources_AreLinkedInTheOrderPeopleJoined()
    {
        var report = await Import("""
            email,name,source,joined at,referred by
            late@example.com,Late,Newsletter,2026-03-02,early@example.com
            early@example.com,Early,Newsletter,2026-03-01,
            """);
        Assert.Equal((2, 2, 1), (report.Rows, report.Added, report.Linked));
        Assert.Equal(["Newsletter"], report.NewSources);
        Assert.True(await _database.Scalar<bool>("SELECT (SELECT position FROM waitlist_entries WHERE email = 'early@example.com') < (SELECT position FROM waitlist_entries WHERE email = 'late@example.com')"));
        Assert.Equal("10,5", await _database.Scalar<string>("SELECT string_agg(points::text, ',' ORDER BY points DESC) FROM waitlist_entries WHERE status = 'waiting'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ImportWaitlist_Again_AddsNothing()
    {
        const string csv = "email,name\nann@example.com,Ann\nben@example.com,Ben\n";
        Assert.Equal(2, (await Import(csv)).Added);
        var again = await Import(csv);
        Assert.Equal((0, 2), (again.Added, again.Known));
        Assert.Equal(2, await _database.Scalar<long>("SELECT count(*) FROM waitlist_entries"));
    }

    [Fact]
    public async Task ImportWaitlist_DryRun_SaysTheSameAndWritesNothing()
    {
        var report = await Import("email;name;confirmed\nann@example.com;Ann;no\nnot an address;Bob;\n", dryRun: true);
        Assert.Equal((2, 1, 1), (report.Rows, report.Added, report.Invalid));
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM waitlist_entries"));
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM sources WHERE name = 'Newsletter'"));
    }

    [Fact]
    public async Task ImportWaitlist_EveryMalformation_ALinePerBadRowAndGoodRowsOnce()
    {
        var report = await Import(string.Join("\r\n",
            "\ufeffEmail;Name;Joined At;Phone", "ann@example.com;\"Ann\nof two lines\";2026-03-01;1", "ben@example.com;\"Ben; \"\"B\"\"\";;2", "ANN@example.com;Ann again;;3", "missing.example.com;Nobody;;4",
            "evil@example.com;https://evil.example;;5", "future@example.com;Future;2999-01-01;6", "date@example.com;Date;soon;7", ";No email;;8", "short@example.com", "=cmd@example.com;=1+1;;9", ""));
        Assert.Equal(["Phone"], report.IgnoredColumns);
        var rejects = await _product.Do<ImportWaitlist, List<string>>(async import =>
        {
            var lines = new List<string>();
            await foreach (var reject in import.Rejects(_operation, default))
            {
                lines.Add($"{reject.Line} {reject.Field}");
            }

            return lines;
        });
        Assert.Equal(["2 name", "6 email", "7 name", "8 joinedAt", "9 joinedAt", "10 email"], rejects);
        Assert.Equal((4, 6), (report.Added, report.Invalid));
        Assert.Equal("=1+1", await _database.Scalar<string>("SELECT name FROM waitlist_entries WHERE email = '=cmd@example.com'"));
        Assert.Equal("short", await _database.Scalar<string>("SELECT name FROM waitlist_entries WHERE email = 'short@example.com'"));
    }

    [Fact]
    public async Task ImportWaitlist_NameAsTheExportWroteIt_IsTheNameAgain()
    {
        await Import("email,name\nann@example.com,'=Ann\nben@example.com,'Ben'\n");
        Assert.Equal("=Ann|'Ben'", await _database.Scalar<string>("SELECT string_agg(name, '|' ORDER BY email) FROM waitlist_entries"));
    }

    [Fact]
    public async Task ImportWaitlist_Latin1Bytes_KeepTheirLetters()
    {
        await Import(Encoding.Latin1.GetBytes("email,name\njorg@example.com,Jörg Müller\n"));
        Assert.Equal("Jörg Müller", await _database.Scalar<string>("SELECT name FROM waitlist_entries"));
    }

    [Theory]
    [InlineData("name,source\nAnn,Twitter\n", "one of them must be email")]
    [InlineData("\n", "empty")]
    public async Task ImportWaitlist_UnusableFile_SaysWhy(string csv, string sentence)
    {
        await Import(Encoding.UTF8.GetBytes(csv));
        Assert.Contains(sentence, (await _product.One<Operations>().Find(_operation, default))!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportWaitlist_HeaderAlone_IsDoneWithNothing() => Assert.Equal(0, (await Import("email,name\n")).Rows);

    [Fact]
    public async Task ImportWaitlist_QuoteNeverClosed_IsRefusedWithItsLine()
    {
        await Import(Encoding.UTF8.GetBytes("email,name\nann@example.com,\"" + new string('x', 3_000_000)));
        var operation = (await _product.One<Operations>().Find(_operation, default))!;
        Assert.Equal("failed", operation.State);
        Assert.Contains("quote", operation.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportWaitlist_ProcessDiesInTheMiddle_AnotherGoesOn()
    {
        var csv = new StringBuilder("email,name,referred by\n");
        for (var i = 0; i < 3_500; i++)
        {
            csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"p{i}@example.com,Person {i},p0@example.com\n");
        }

        await Upload(Encoding.UTF8.GetBytes(csv.ToString()), dryRun: false);
        using (var dies = new CancellationTokenSource())
        {
            var run = _product.One<OperationRunner>().Step(dies.Token);
            await WaitFor.True(async () => await _database.Scalar<long>("SELECT count(*) FROM waitlist_entries") > 0);
            await dies.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        }

        await using var command = _database.Source.CreateCommand("UPDATE operations SET lease_until = now() - interval '1 second' WHERE state = 'running'");
        await command.ExecuteNonQueryAsync();
        await _product.One<OperationRunner>().Step(default);
        Assert.Equal(3_500, await _database.Scalar<long>("SELECT count(*) FROM waitlist_entries"));
        Assert.Equal(3_499, await _database.Scalar<long>("SELECT count(*) FROM waitlist_entries WHERE referred_by_id IS NOT NULL"));
        Assert.Empty(await _product.Violations());
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private string _operation = "";

    private async Task<ImportReport> Import(string csv, bool dryRun = false)
    {
        await Import(Encoding.UTF8.GetBytes(csv), dryRun);
        var operation = (await _product.One<Operations>().Find(_operation, default))!;
        Assert.Equal((null, "done"), (operation.Error, operation.State));
        return JsonSerializer.Deserialize<ImportReport>(operation.Report!, JsonSerializerOptions.Web)!;
    }

    private async Task Import(byte[] csv, bool dryRun = false)
    {
        await Upload(csv, dryRun);
        await _product.One<OperationRunner>().Step(default);
    }

    private async Task Upload(byte[] csv, bool dryRun)
    {
        var file = (await _product.Do<ImportWaitlist, Outcome<string>>(i => i.Upload(Product.Owner, new MemoryStream(csv), default))).Must();
        _operation = (await _product.Do<ImportWaitlist, Outcome<string>>(i => i.Start(Product.Owner, file, "list.csv", dryRun, Guid.NewGuid().ToString(), default))).Must();
    }
}
