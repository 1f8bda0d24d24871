using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.People;

public sealed class PeopleQueriesTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;
    private PeopleQueries _people = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
        _people = new PeopleQueries(_product.One<Npgsql.NpgsqlDataSource>(), new RecentCounts(TimeProvider.System));
    }

    [Theory]
    [InlineData("ann@example.com")]
    [InlineData("  ANN@Example.COM ")]
    [InlineData("Ann+Newsletter@example.com")]
    [InlineData("wl_")]
    [InlineData("code")]
    [InlineData("lower code")]
    public async Task Search_ByWhatNamesOnePerson_IsExact(string typed)
    {
        var entry = await _product.Waiting("ann@example.com");
        await _product.Waiting("ben@example.com");
        await _product.Release(1);
        var code = await _product.CodeOf(entry);
        typed = typed switch { "wl_" => entry.Id, "code" => code, "lower code" => code.Replace("-", " ", StringComparison.Ordinal).ToLowerInvariant(), _ => typed };

        var found = await Find(typed);

        Assert.True(found.Exact);
        Assert.Equal((entry.Id, "invited", false), (found.Rows[0].Id, found.Rows[0].State, found.Rows[0].IsMember));
        Assert.Equal(typed.StartsWith("wl_", StringComparison.Ordinal) || typed.Contains('@', StringComparison.Ordinal) ? null : code, found.Code);
    }

    [Fact]
    public async Task Search_VariantsOfAMailbox_AreAllListed()
    {
        await _product.Waiting("maya.lopez@example.com");
        await _product.Waiting("maya.lopez+beta@example.com");
        await _product.Waiting("mayalopez@example.com");
        await _product.Waiting("m.a.y.a+x@gmail.com");

        Assert.Equal(["maya.lopez+beta@example.com", "maya.lopez@example.com", "mayalopez@example.com"], (await Find("Maya.Lopez+beta@example.com")).Rows.Select(r => r.Email).Order(StringComparer.Ordinal));
        Assert.True((await Find("MAYA@googlemail.com")).Exact);
    }

    [Fact]
    public async Task Search_MemberWithAnotherAddress_IsFoundByBoth()
    {
        var entry = await _product.Waiting("private@example.com");
        await _product.Release(1);
        (await _product.Redeem(await _product.CodeOf(entry), "work@example.com")).Must();

        foreach (var address in (string[])["private@example.com", "work@example.com"])
        {
            var found = await Find(address);
            Assert.True(found.Exact);
            Assert.Equal(("work@example.com", true), (found.Rows[0].Email, found.Rows[0].IsMember));
        }
    }

    [Fact]
    public async Task Search_ByName_FromItsBeginningThenInside()
    {
        await Join("maya1@example.com", "Maya López");
        await Join("maya2@example.com", "Amaya Smith");
        await Join("100@example.com", "100% Real_Person");

        Assert.Equal(["Maya López"], (await Find("maya")).Rows.Select(r => r.Name));
        Assert.Equal(["Amaya Smith", "Maya López"], (await _people.Page(new(Search: "maya", Inside: true), PeopleSort.Newest, 1, default)).Rows.Select(r => r.Name).Order());
        Assert.Equal(["Amaya Smith"], (await Find("SMITH")).Rows.Select(r => r.Name));
        Assert.Equal(["100% Real_Person"], (await Find("100%")).Rows.Select(r => r.Name));
        Assert.Equal(["100% Real_Person"], (await Find("%")).Rows.Select(r => r.Name));
        Assert.False((await Find("maya")).Exact);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("nobody@example.com")]
    [InlineData("\u0000\u202e")]
    [InlineData("wl_nobody")]
    [InlineData("' OR 1=1 --")]
    public async Task Search_NothingSensible_FindsNobody(string typed)
    {
        await _product.Waiting("ann@example.com");
        Assert.Empty((await Find(typed)).Rows);
    }

    [Fact]
    public async Task List_EveryState_HasItsPeopleOnce()
    {
        var registered = await _product.Waiting("registered@example.com");
        await _product.Release(1);
        (await _product.Redeem(await _product.CodeOf(registered), "registered@example.com")).Must();
        var invited = await _product.Waiting("invited@example.com");
        await _product.Release(1);
        var declined = await _product.Waiting("declined@example.com");
        (await _product.Do<DeclineEntry, Outcome<EntryFacts>>(d => d.ById(Product.Owner, declined.Id, null, default))).Must();
        var held = await _product.Waiting("held@example.com");
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(d => d.Exclude(Product.Owner, held.Id, "Why.", default))).Must();
        await _product.Waiting("waiting@example.com");
        (await _product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Product.Key, new JoinRequest("unconfirmed@example.com", "Ann"), default))).Must();

        Assert.Equal(["unconfirmed", "waiting", "held", "declined", "invited", "registered"], (await Emails(PeopleShow.All)).OrderBy(e => Array.IndexOf(["unconfirmed", "waiting", "held", "declined", "invited", "registered"], e)));
        Assert.Equal(["registered"], await Emails(PeopleShow.Registered));
        Assert.Equal(["invited"], await Emails(PeopleShow.Invited));
        Assert.Equal(["declined"], await Emails(PeopleShow.Declined));
        Assert.Equal(["held"], await Emails(PeopleShow.Held));
        Assert.Equal(["waiting", "held"], await Emails(PeopleShow.Waiting));
        Assert.Equal(["unconfirmed"], await Emails(PeopleShow.Unconfirmed));
        Assert.Equal(["registered"], (await _people.Page(new(Tier: "standard"), PeopleSort.Brought, 1, default)).Rows.Select(r => Name(r.Email)));
        Assert.Empty((await _people.Page(new(Tier: "vip"), PeopleSort.Newest, 1, default)).Rows);
        Assert.Empty((await _people.Page(new(PeopleShow.Waiting, Search: "invited@example.com"), PeopleSort.Newest, 1, default)).Rows);
        Assert.Equal(invited.Id, (await _people.Page(new(PeopleShow.Invited, Search: "ann"), PeopleSort.Newest, 1, default)).Rows.Single().Id);
    }

    [Fact]
    public async Task List_Pages_MeetWithoutGapsInBothOrders()
    {
        await using (var command = _database.Source.CreateCommand("""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at, joined_at)
            SELECT 'wl_p' || g, 'p' || g || '@example.com', 'p' || g || '@example.com', 'P ' || g, 'waiting', 'pr' || g, 'ps' || g, now(), now() - (g / 3) * interval '1 minute' FROM generate_series(1, 120) g
            """)) await command.ExecuteNonQueryAsync();

        foreach (var sort in (PeopleSort[])[PeopleSort.Newest, PeopleSort.Oldest])
        {
            var pages = new List<PeopleRow>();
            for (var page = 1; page <= 3; page++) pages.AddRange((await _people.Page(new(), sort, page, default)).Rows);
            Assert.Equal(120, pages.Select(r => r.Id).Distinct().Count());
            Assert.Equal(sort == PeopleSort.Newest ? pages.OrderByDescending(r => r.JoinedAt).Select(r => r.JoinedAt) : pages.OrderBy(r => r.JoinedAt).Select(r => r.JoinedAt), pages.Select(r => r.JoinedAt));
            var all = new List<string>();
            await foreach (var row in _people.All(new(), sort, default)) all.Add(row.Id);
            Assert.Equal(pages.Select(r => r.Id), all);
        }

        Assert.Equal((120, false), ((int)(await _people.Page(new(), PeopleSort.Newest, 1, default)).Total, (await _people.Page(new(), PeopleSort.Newest, 9_999, default)).More));
    }

    [Fact]
    public async Task FrameSearch_Code_NamesItAndOthersArePeople()
    {
        var entry = await _product.Waiting("ann@example.com");
        await _product.Release(1);
        var queries = new PersonQueries(_product.One<Npgsql.NpgsqlDataSource>(), null!, _people);

        Assert.Equal([("code", "active")], (await queries.Search(await _product.CodeOf(entry), default)).Select(f => (f.Kind, f.State)));
        Assert.Equal([("entry", entry.Id)], (await queries.Search("ANN@example.com", default)).Select(f => (f.Kind, f.Key)));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<PeopleRows> Find(string typed) => _people.Page(new(Search: typed), PeopleSort.Newest, 1, default);

    private async Task Join(string email, string name) =>
        (await _product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Product.Key, new JoinRequest(email, name, EmailVerified: true), default))).Must();

    private async Task<IEnumerable<string>> Emails(PeopleShow show) => (await _people.Page(new(show), PeopleSort.Newest, 1, default)).Rows.Select(r => Name(r.Email));

    private static string Name(string email) => email[..email.IndexOf('@', StringComparison.Ordinal)];
}
