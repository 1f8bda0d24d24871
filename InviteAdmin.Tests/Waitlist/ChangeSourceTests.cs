using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Waitlist;

public sealed class ChangeSourceTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Add_ThenJoinByItsLink_GivesItsPoints()
    {
        (await Do(x => x.Add(Product.Owner, " Newsletter ", 7, default))).Must();

        var source = await Named("Newsletter");
        Assert.Equal($"https://invite.example.com/waitlist?src={source.Slug}", source.Link);
        Assert.True(source.Slug.Length >= 26);
        Assert.Equal(7, (await _product.Waiting("ann@example.com", source: source.Slug)).Points);
        Assert.Equal(("Owner", 1L), ((await Named("Newsletter")).ChangedBy, (await Named("Newsletter")).People));
    }

    [Fact]
    public async Task Add_NameTakenOrBad_IsRefused()
    {
        Assert.IsType<SourceTaken>((await Do(x => x.Add(Product.Owner, "Twitter", 1, default))).Failure);
        Assert.Equal(["name", "points"], Assert.IsType<Invalid>((await Do(x => x.Add(Product.Owner, " ", 10_001, default))).Failure).Fields.Keys.Order());
    }

    [Fact]
    public async Task Edit_Points_CountForThoseWhoComeAfter()
    {
        var source = await Named("Twitter");
        Assert.Equal(5, (await _product.Waiting("before@example.com", source: source.Slug)).Points);

        (await Do(x => x.Edit(Product.Owner, source.Id, "X", 9, source.Version, default))).Must();

        Assert.Equal(9, (await _product.Waiting("after@example.com", source: source.Slug)).Points);
        Assert.Equal(5, await _database.Scalar<int>("SELECT points FROM waitlist_entries WHERE email = 'before@example.com'"));
        Assert.Equal("Twitter|5|X|9", await _database.Scalar<string>("SELECT concat_ws('|', before->>'name', before->>'points', after->>'name', after->>'points') FROM audit_log WHERE action = 'source.edited'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Edit_OfAStaleVersion_ChangesNothing()
    {
        var source = await Named("Twitter");
        (await Do(x => x.Edit(Product.Owner, source.Id, "X", 9, source.Version, default))).Must();

        Assert.IsType<StaleEdit>((await Do(x => x.Edit(Product.Owner, source.Id, "Twitter", 50, source.Version, default))).Failure);
        Assert.IsType<NotFound>((await Do(x => x.Edit(Product.Owner, 999_999, "Y", 50, source.Version, default))).Failure);

        Assert.Equal(9, (await Named("X")).Points);
    }

    [Fact]
    public async Task Retired_CreditsNothingNewAndStillTellsWherePeopleCameFrom()
    {
        var source = await Named("Product Hunt");
        await _product.Waiting("before@example.com", source: source.Slug);
        var unsure = (await _product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Product.Key, new JoinRequest("unsure@example.com", "Ann", source.Slug), default))).Must().Entry;

        Assert.True((await Do(x => x.Retire(Product.Owner, source.Id, true, default))).Must());
        Assert.False((await Do(x => x.Retire(Product.Owner, source.Id, true, default))).Must());

        Assert.Equal(0, (await _product.Waiting("after@example.com", source: source.Slug)).Points);
        var token = await _database.Scalar<string>($"SELECT confirm_token FROM waitlist_entries WHERE public_id = '{unsure.Id}'");
        Assert.Equal(0, (await _product.Do<ConfirmEmail, Outcome<EntryFacts>>(c => c.One(InviteAdmin.Access.Actor.Public, token, default))).Must().Points);
        Assert.Equal(20, await _database.Scalar<int>("SELECT points FROM waitlist_entries WHERE email = 'before@example.com'"));
        Assert.Equal(3, (await Named("Product Hunt")).People);
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM points_ledger WHERE kind = 'source'"));

        (await Do(x => x.Retire(Product.Owner, source.Id, false, default))).Must();
        Assert.Equal(20, (await _product.Waiting("again@example.com", source: source.Slug)).Points);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Remove_Used_IsRefusedAndUnused_Goes()
    {
        var (used, unused) = (await Named("Twitter"), await Named("Product Hunt"));
        await _product.Waiting("ann@example.com", source: used.Slug);

        Assert.IsType<SourceUsed>((await Do(x => x.Remove(Product.Owner, used.Id, default))).Failure);
        Assert.True((await Do(x => x.Remove(Product.Owner, unused.Id, default))).Must());

        Assert.Equal(["Twitter"], (await All()).Select(s => s.Name));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<Outcome<T>> Do<T>(Func<ChangeSource, Task<Outcome<T>>> call) => _product.Do(call);

    private Task<IReadOnlyList<SourceRow>> All() => _product.One<SourceQueries>().All(default);

    private async Task<SourceRow> Named(string name) => (await All()).Single(s => s.Name == name);
}
