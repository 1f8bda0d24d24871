using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Referrals;

/// <summary>What a credit is worth: who decides it, from when it holds, and what is refused.</summary>
public sealed class ChangePointRulesTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Points_NothingSaved_AreTheDefaults()
    {
        var facts = await Read(_product);
        Assert.Equal(new PointValues(10, 5), facts.Values);
        Assert.Empty(facts.Locks);
        Assert.Null(facts.Count);
    }

    [Fact]
    public async Task Points_Saved_HoldAtOnceInEveryProcessForWhoJoinsFromThenOn()
    {
        await using var other = new Product(_database);
        var ann = await other.Waiting("ann@example.com");
        await other.Waiting("before@example.com", ann.ReferralToken);

        (await Save(_product, new(7, 30))).Must();
        await other.Waiting("after@example.com", ann.ReferralToken);

        Assert.Equal((35, 10, 7), (await Points("ann"), await Points("before"), await Points("after")));
        Assert.Equal("5|30", await _database.Scalar<string>("SELECT (before->>'broughtPoints') || '|' || (after->>'broughtPoints') FROM audit_log WHERE action = 'settings.points'"));
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM operations"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Points_SetByTheConfiguration_WinAndStayLocked()
    {
        await using var configured = new Product(_database, ("Waitlist:BroughtPoints", "50"));
        (await Save(_product, new(7, 30))).Must();

        var facts = await Read(configured);
        Assert.Equal(new PointValues(7, 50), facts.Values);
        Assert.Equal(new Dictionary<string, string> { ["BroughtPoints"] = "Waitlist__BroughtPoints" }, facts.Locks);
        var ann = await configured.Waiting("ann@example.com");
        await configured.Waiting("ben@example.com", ann.ReferralToken);
        Assert.Equal((50, 7), (await Points("ann"), await Points("ben")));

        // What is sent for a locked value is passed over, and what was saved before it was locked stays.
        Assert.Equal(new PointValues(8, 50), (await Save(configured, new(8, 1))).Must().Values);
        Assert.Equal(new PointValues(8, 30), (await Read(_product)).Values);
    }

    [Fact]
    public async Task Save_OfOneVersionTwiceAtOnce_OnlyOneWins()
    {
        var version = (await Read(_product)).Version;
        var outcomes = await Race.Of(8, n => Save(_product, new(n + 1, 5), false, version));
        Assert.Single(outcomes, o => o.Succeeded);
        Assert.Equal(7, outcomes.Count(o => o.Failure is StaleEdit));
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'settings.points'"));
    }

    [Fact]
    public async Task Save_CountingAgainTwiceAtOnce_IsOneCount()
    {
        var version = (await Read(_product)).Version;
        var outcomes = await Race.Of(6, _ => Save(_product, new(10, 6), true, version));
        Assert.Single(outcomes, o => o.Succeeded);
        Assert.All(outcomes.Where(o => !o.Succeeded), o => Assert.IsType<PointsBeingCounted>(o.Failure));
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM operations WHERE kind = 'points'"));
    }

    [Fact]
    public async Task Save_OutOfBounds_SaysSoForEachField()
    {
        var failure = Assert.IsType<Invalid>((await Save(_product, new(-1, 10_001))).Failure);
        Assert.Equal(["arrivedPoints", "broughtPoints"], failure.Fields.Keys.Order());
        Assert.Equal("This must be between 0 and 10,000.", failure.Fields["broughtPoints"]);
        Assert.IsType<NotAllowed>((await _product.Do<ChangePointRules, Outcome<PointRuleFacts>>(x => x.Save(Actor.Staff("9", "Gil", [Role.Growth]), new(1, 1), false, 0, default))).Failure);
    }

    [Fact]
    public async Task Save_WhileCountingOrAfterItBroke_AsksForAWholeCount()
    {
        (await Save(_product, new(10, 6), true)).Must();
        Assert.IsType<PointsBeingCounted>((await Save(_product, new(10, 7))).Failure);
        await _database.Execute("UPDATE operations SET state = 'failed', error = 'It broke.'");
        Assert.Equal("failed", (await Read(_product)).Count!.State);
        Assert.Equal(["again"], Assert.IsType<Invalid>((await Save(_product, new(10, 7))).Failure).Fields.Keys);

        (await Save(_product, new(10, 7), true)).Must();
        Assert.True(await _product.One<OperationRunner>().Step(default));
        Assert.Null((await Read(_product)).Count);
        (await Save(_product, new(10, 8))).Must();
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static Task<PointRuleFacts> Read(Product product) => product.Do<ChangePointRules, PointRuleFacts>(x => x.Read(default));

    private static async Task<Outcome<PointRuleFacts>> Save(Product product, PointValues wanted, bool again = false, uint? version = null)
    {
        var known = version ?? (await Read(product)).Version;
        return await product.Do<ChangePointRules, Outcome<PointRuleFacts>>(x => x.Save(Product.Owner, wanted, again, known, default));
    }

    private Task<int> Points(string name) => _database.Scalar<int>($"SELECT points FROM waitlist_entries WHERE email = '{name}@example.com'");
}
