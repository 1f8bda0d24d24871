using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Referrals;

public sealed class ChangeMilestoneTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Add_BelowWhatSomebodyBroughtAlready_GrantsItToThemAtOnceAndOnce()
    {
        var codes = await Member("root@example.com");
        await _product.Redeem(codes[0], "one@example.com");
        await _product.Redeem(codes[1], "two@example.com");
        Assert.Equal(1, await _product.One<MilestoneQueries>().HaveBrought(2, default));

        Assert.Equal(1, (await Do(x => x.Add(Product.Owner, 2, 5, "gold", default))).Must());

        Assert.Equal("5|gold", await _database.Scalar<string>("SELECT codes || '|' || tier FROM reward_grants WHERE threshold = 2"));
        Assert.Equal("gold", await _database.Scalar<string>("SELECT tier FROM members WHERE email = 'root@example.com'"));
        await _product.Redeem(codes[2], "three@example.com");
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM reward_grants WHERE threshold = 2"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Add_WhileReferralsComeIn_MissesNobody_n10()
    {
        for (var round = 0; round < 10; round++)
        {
            var codes = await Member($"racer-{round}@example.com");
            await _product.Redeem(codes[0], $"racer-{round}-a@example.com");
            await Execute("DELETE FROM reward_grants WHERE threshold = 2; DELETE FROM milestones WHERE threshold = 2; DELETE FROM outbox WHERE dedupe_key LIKE 'milestone:%:2'");
            var redeem = _product.Redeem(codes[1], $"racer-{round}-b@example.com");
            var add = Do(x => x.Add(Product.Owner, 2, 0, null, default));
            (await redeem).Must();
            (await add).Must();
        }

        Assert.Equal(10, await _database.Scalar<long>("SELECT count(*) FROM reward_grants WHERE threshold = 2"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Edit_LeavesGrantsAsTheyWere()
    {
        var codes = await Member("root@example.com");
        foreach (var (code, n) in codes.Select((c, n) => (c, n))) await _product.Redeem(code, $"friend-{n}@example.com");
        var row = await At(3);
        Assert.Equal(1, row.Granted);

        (await Do(x => x.Edit(Product.Owner, 3, 10, null, row.Version, default))).Must();

        Assert.Equal(3, await _database.Scalar<int>("SELECT codes FROM reward_grants WHERE threshold = 3"));
        Assert.Equal(("Owner", 10), ((await At(3)).ChangedBy, (await At(3)).Codes));
        Assert.IsType<StaleEdit>((await Do(x => x.Edit(Product.Owner, 3, 1, null, row.Version, default))).Failure);
        Assert.IsType<StaleEdit>((await Do(x => x.Remove(Product.Owner, 3, row.Version, default))).Failure);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Remove_KeepsItsGrants()
    {
        var codes = await Member("root@example.com");
        foreach (var (code, n) in codes.Select((c, n) => (c, n))) await _product.Redeem(code, $"friend-{n}@example.com");

        (await Do(async x => await x.Remove(Product.Owner, 3, (await At(3)).Version, default))).Must();

        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM reward_grants WHERE threshold = 3"));
        Assert.DoesNotContain(await _product.One<MilestoneQueries>().All(default), m => m.Threshold == 3);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Add_ThereAlreadyOrBad_IsRefused()
    {
        Assert.IsType<MilestoneExists>((await Do(x => x.Add(Product.Owner, 3, 1, null, default))).Failure);
        Assert.Equal(["codes", "threshold"], Assert.IsType<Invalid>((await Do(x => x.Add(Product.Owner, 0, -1, null, default))).Failure).Fields.Keys.Order());
        Assert.IsType<NotFound>((await Do(x => x.Edit(Product.Owner, 77, 1, null, 1, default))).Failure);
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<Outcome<T>> Do<T>(Func<ChangeMilestone, Task<Outcome<T>>> call) => _product.Do(call);

    private async Task<MilestoneRow> At(int threshold) => (await _product.One<MilestoneQueries>().All(default)).Single(m => m.Threshold == threshold);

    private async Task Execute(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A new member's three codes.</summary>
    private async Task<string[]> Member(string email)
    {
        var code = (await _product.Do<InviteAdmin.Campaigns.MintCampaign, Outcome<InviteAdmin.Campaigns.MintedCampaign>>(m => m.One(Product.Owner, new($"For {email}", 1, 1), default))).Must().Codes[0];
        return [.. (await _product.Redeem(code, email)).Must().Codes.Select(c => c.Code)];
    }
}
