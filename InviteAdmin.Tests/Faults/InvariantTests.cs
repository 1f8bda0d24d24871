using InviteAdmin.Campaigns;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Faults;

/// <summary>The checker checked: every invariant is broken on purpose, and the view finds that one and no other.</summary>
public sealed class InvariantTests(SmallLaunch launch) : IClassFixture<SmallLaunch>
{
    public static TheoryData<string> Planted => [.. PlantedViolations.All.Keys];

    [Theory]
    [MemberData(nameof(Planted))]
    public async Task InvariantCheck_PlantedViolation_IsFoundAndNothingElse(string invariant)
    {
        // Everything happens in a transaction that is rolled back, the dropped constraints too.
        await using var connection = await launch.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        Assert.Empty(await Violated(connection));
        foreach (var statement in PlantedViolations.All[invariant])
            Assert.NotEqual(0, await connection.Execute(statement, default));
        Assert.Equal([invariant], await Violated(connection));
    }

    [Fact]
    public async Task InvariantCheck_EveryInvariant_HasAPlantedViolation() =>
        Assert.Equal((await new InvariantCheck(launch.Database.Source).All(default)).Select(i => i.Invariant).Order(), PlantedViolations.All.Keys.Order());

    private static Task<List<string>> Violated(Npgsql.NpgsqlConnection connection) =>
        connection.Query("SELECT invariant FROM invariant_check WHERE violations <> 0", row => row.GetString(0), default);
}

/// <summary>A class fixture: a launch with a little of everything, on which all invariants hold.</summary>
public sealed class SmallLaunch : IAsyncLifetime
{
    public FreshDatabase Database { get; } = new();

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        await using var product = new Product(Database);
        var owner = await product.Waiting("owner@example.com");
        await product.Waiting("friend@example.com", owner.ReferralToken, "Product Hunt");
        await product.Waiting("invited@example.com");
        await product.Waiting("waiting@example.com", owner.ReferralToken);
        await product.Waiting("other@example.com");
        (await product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Product.Key, new JoinRequest("unconfirmed@example.com", "Ann"), default))).Must();
        await product.Release(1);
        var first = await product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, new ReleaseRequest(1, EntryIds: [owner.Id]), default));
        var codes = (await product.Redeem(await product.CodeOf(owner), "owner@example.com")).Must().Codes;
        for (var i = 0; i < 2; i++) (await product.Redeem(codes[i].Code, $"came-{i}@example.com")).Must();
        await product.Release(1);
        (await product.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Product.Owner, new MintRequest("Autumn", 3, 5), default))).Must();
        Assert.True(first.Succeeded);
        Assert.Empty(await product.Violations());
    }

    public Task DisposeAsync() => Database.DisposeAsync();
}
