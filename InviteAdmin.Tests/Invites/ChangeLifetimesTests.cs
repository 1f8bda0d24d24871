using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Invites;

public sealed class ChangeLifetimesTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Lifetimes_NothingSaved_AreTheDefaults()
    {
        var facts = await Read(_product);
        Assert.Equal(new Lifetimes(7, 2, 30, 30), facts.Values);
        Assert.Empty(facts.Locks);
        Assert.Null(facts.ChangedBy);
    }

    [Fact]
    public async Task Lifetimes_Saved_CountForCodesMadeFromThenOnInEveryProcess()
    {
        await using var other = new Product(_database);
        await _product.Waiting("before@example.com");
        await other.Release(1);

        (await Save(_product, new(14, 3, 60, 90), (await Read(_product)).Version)).Must();

        await WaitFor.True(async () => (await Now(other)).InvitationDays == 14);
        await other.Waiting("after@example.com");
        await other.Release(1);
        int[] days = (await _database.Scalar<int[]>("SELECT array_agg(round(extract(epoch FROM c.expires_at - h.undo_until) / 86400)::int ORDER BY c.id) FROM invite_codes c JOIN cohorts h ON h.id = c.cohort_id"));
        Assert.Equal([7, 14], days);
        var member = (await other.Redeem(await other.CodeOf(await other.Waiting("after@example.com")), "after@example.com")).Must();
        Assert.All(member.Codes, c => Assert.InRange((c.ExpiresAt!.Value - DateTimeOffset.UtcNow).TotalDays, 59.9, 60.1));
        Assert.Equal("7|14", await _database.Scalar<string>("SELECT (before->>'invitationDays') || '|' || (after->>'invitationDays') FROM audit_log WHERE action = 'settings.lifetimes'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Lifetimes_SetByTheConfiguration_WinAndStayLocked()
    {
        await using var configured = new Product(_database, ("Invites:InvitationDays", "21"));
        (await Save(_product, new(14, 3, 60, 90), (await Read(_product)).Version)).Must();

        var facts = await Read(configured);
        Assert.Equal(new Lifetimes(21, 3, 60, 90), facts.Values);
        Assert.Equal(new Dictionary<string, string> { ["InvitationDays"] = "Invites__InvitationDays" }, facts.Locks);

        // What is sent for a locked value is passed over, and what was saved before it was locked stays.
        Assert.Equal(21, (await Save(configured, new(1, 4, 60, 90), facts.Version)).Must().Values.InvitationDays);
        Assert.Equal(new Lifetimes(14, 4, 60, 90), (await Read(_product)).Values);
    }

    [Fact]
    public async Task Save_OfAStaleVersion_ChangesNothing()
    {
        var version = (await Read(_product)).Version;
        (await Save(_product, new(10, 2, 30, 30), version)).Must();

        Assert.IsType<StaleEdit>((await Save(_product, new(20, 2, 30, 30), version)).Failure);

        Assert.Equal(10, (await Read(_product)).Values.InvitationDays);
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'settings.lifetimes'"));
    }

    [Fact]
    public async Task Save_OfOneVersionTwiceAtOnce_OnlyOneWins()
    {
        var version = (await Read(_product)).Version;
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 8).Select(n => Save(_product, new(n, 2, 30, 30), version)));
        Assert.Single(outcomes, o => o.Succeeded);
        Assert.Equal(7, outcomes.Count(o => o.Failure is StaleEdit));
    }

    [Fact]
    public async Task Save_OutOfBounds_SaysSoForEachField()
    {
        var failure = Assert.IsType<Invalid>((await Save(_product, new(0, 366, 30, 99_999), (await Read(_product)).Version)).Failure);
        Assert.Equal(["invitationDays", "reminderDays", "vipDays"], failure.Fields.Keys.Order());
        Assert.Equal("This must be between 1 and 365.", failure.Fields["invitationDays"]);
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static Task<LifetimeFacts> Read(Product product) => product.Do<ChangeLifetimes, LifetimeFacts>(x => x.Read(default));

    private static Task<Outcome<LifetimeFacts>> Save(Product product, Lifetimes wanted, uint version) => product.Do<ChangeLifetimes, Outcome<LifetimeFacts>>(x => x.Save(Product.Owner, wanted, version, default));

    private static async Task<Lifetimes> Now(Product product)
    {
        await using var connection = await product.Database.Source.OpenConnectionAsync();
        return await product.One<LifetimeRules>().Now(connection, default);
    }
}
