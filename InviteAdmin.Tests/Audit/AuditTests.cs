using System.Text.RegularExpressions;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Components.Pages.Audit;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using Npgsql;

namespace InviteAdmin.Tests.Audit;

public sealed partial class AuditTests : IAsyncLifetime
{
    private static readonly Actor Sue = Actor.Staff("2", "Sue", [Role.Support]);
    private readonly FreshDatabase _database = new();
    private Product _product = null!;
    private AuditQueries _audit = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
        _audit = new AuditQueries(_product.One<NpgsqlDataSource>());
    }

    [Fact]
    public void Words_EveryActionOfTheCode_HasThem()
    {
        var root = InviteAdmin.Hosting.Settings.Root()!;
        var files = ((string[])["InviteAdmin", "InviteAdmin.Core"]).SelectMany(p => Directory.EnumerateFiles(Path.Combine(root, p), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)).Select(File.ReadAllText)
            .Where(t => t.Contains(".Audit(", StringComparison.Ordinal) || t.Contains("INSERT INTO audit_log", StringComparison.Ordinal)).ToList();
        var actions = files.SelectMany(t => Action().Matches(t)).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var begun = files.SelectMany(t => BegunAction().Matches(t)).Select(m => m.Groups[1].Value).Distinct().ToList();

        Assert.True(actions.Count > 20);
        Assert.DoesNotContain(actions, a => !AuditWords.Phrases.ContainsKey(a));
        // An action that is put together at run time has words for at least one of its ends.
        Assert.DoesNotContain(begun, b => !AuditWords.Phrases.Keys.Any(k => k.StartsWith(b, StringComparison.Ordinal)));
        Assert.All(AuditWords.Phrases.Keys, a => Assert.DoesNotContain("{", AuditWords.Title(a), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_FiltersByWhoWhatAndTarget()
    {
        var (ann, ben) = (await _product.Waiting("ann@example.com"), await _product.Waiting("ben@example.com"));
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Sue, ann.Id, "A competitor.", default))).Must();
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Product.Owner, ben.Id, "Another.", default))).Must();
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Include(Product.Owner, ben.Id, default))).Must();
        var cohort = (await _product.Do<InvitePerson, Outcome<CohortFacts>>(i => i.One(Product.Owner, ben.Id, null, default))).Must();
        var code = await _product.CodeOf(ben);
        (await _product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Sue, code, "Leaked.", default))).Must();

        Assert.Equal([$"revoked code {code}", "released cohort 1", "included Ann Example again", "excluded Ann Example from releases", "excluded Ann Example from releases"], await Did(new()));
        Assert.Equal([$"revoked code {code}", "excluded Ann Example from releases"], await Did(new(Actor: "staff:2")));
        Assert.Equal(["included Ann Example again"], await Did(new(Action: "entry.included")));
        Assert.Equal([$"revoked code {code}", "included Ann Example again", "excluded Ann Example from releases"], await Did(new(Target: ben.Id)));
        Assert.Equal([$"revoked code {code}"], await Did(new(Target: code.ToLowerInvariant())));
        Assert.Equal(["released cohort 1"], await Did(new(Target: "1")));
        Assert.Equal(["released cohort 1"], await Did(new(Target: cohort.Id)));
        Assert.Empty(await Did(new(Target: "wl_nobody")));
        Assert.Empty(await Did(new(Until: DateTimeOffset.UnixEpoch)));
        Assert.Equal(5, (await Did(new(From: DateTimeOffset.UnixEpoch))).Count());
        var revoked = (await _audit.Page(new(Action: "code.revoked"), null, 50, default)).Rows[0];
        Assert.Equal(("Sue", "Leaked.", $"/admin/codes/{code}"), (revoked.Actor, revoked.Reason, revoked.Href));
        var all = new List<string>();
        await foreach (var line in _audit.All(new(), default)) all.Add(line.Did);
        Assert.Equal(await Did(new()), all);
    }

    [Fact]
    public async Task Page_Older_GoesOnWhereThePageEnded()
    {
        for (var i = 0; i < 7; i++)
        {
            var entry = await _product.Waiting($"p{i}@example.com");
            (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Sue, entry.Id, $"{i}", default))).Must();
        }

        var first = await _audit.Page(new(), null, 5, default);
        var second = await _audit.Page(new(), first.Rows[^1].Id, 5, default);

        Assert.Equal((5, true, 2, false), (first.Rows.Count, first.More, second.Rows.Count, second.More));
        Assert.Equal(["6", "5", "4", "3", "2", "1", "0"], first.Rows.Concat(second.Rows).Select(r => r.Reason));
    }

    [Theory]
    [InlineData("UPDATE audit_log SET reason = 'never happened'")]
    [InlineData("DELETE FROM audit_log")]
    [InlineData("TRUNCATE audit_log")]
    public async Task Record_ChangedOrDeleted_ByTheApplicationsOwnUser_IsRefused(string sql)
    {
        var ann = await _product.Waiting("ann@example.com");
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Sue, ann.Id, "Why.", default))).Must();

        await using var command = _product.One<NpgsqlDataSource>().CreateCommand(sql);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
        Assert.Equal("Why.", await _database.Scalar<string>("SELECT reason FROM audit_log"));
    }

    [Fact]
    public void Changes_PairWhatWasWithWhatIs()
    {
        Assert.Equal([new AuditChange("points", "0", "1,050")], AuditChange.Of("""{"points": 0}""", """{"points": 1050}"""));
        Assert.Equal([new AuditChange("expires in days", null, "30"), new AuditChange("days", null, "mon, tue")], AuditChange.Of(null, """{"expiresInDays": 30, "days": ["mon", "tue"], "note": null}"""));
        Assert.Empty(AuditChange.Of(null, null));
    }

    [Theory]
    [InlineData("/admin/audit?actor=staff%3A2&action=code.revoked&from=2026-11-01&to=2026-11-30", "staff:2", "code.revoked", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z")]
    [InlineData("/admin/audit?actor=nonsense&action=made.up&from=yesterday&to=2026-13-45&before=x", null, null, null, null)]
    public void View_NonsenseInTheAddress_IsLeftOut(string address, string? actor, string? action, string? from, string? until)
    {
        var filter = InviteAdmin.Components.Shared.UrlState<AuditView>.Read(address).Filter(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        Assert.Equal((actor, action), (filter.Actor, filter.Action));
        Assert.Equal((from, until), (InviteAdmin.Components.Shared.CsvText.Time(filter.From), InviteAdmin.Components.Shared.CsvText.Time(filter.Until)));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<IEnumerable<string>> Did(AuditFilter filter) => (await _audit.Page(filter, null, 50, default)).Rows.Select(r => r.Did);

    [GeneratedRegex("[\"']([a-z]+\\.(?!csv[\"'])[a-z][a-z-]*[a-z])[\"']")]
    private static partial Regex Action();

    [GeneratedRegex("\\$\"([a-z]+\\.)\\{")]
    private static partial Regex BegunAction();
}
