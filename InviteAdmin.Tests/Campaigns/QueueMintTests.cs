using InviteAdmin.Access;
using InviteAdmin.Campaigns;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Campaigns;

/// <summary>Minting many codes as long work: once per click, to the end whoever dies on the way.</summary>
[Collection(LoadCollection.Name)]
public sealed class QueueMintTests : IAsyncLifetime
{
    private const int Codes = (2 * QueueMint.Piece) + 345;
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Mint_PressedTwiceAtOnce_IsOneCampaignWithAllItsCodes()
    {
        var ids = await Race.Of(8, _ => Start("press"));
        Assert.Single(ids.Select(i => i.Must()).Distinct());

        Assert.True(await Runner.Step(default));
        Assert.False(await Runner.Step(default));

        await Whole();
        var facts = (await _product.One<Operations>().Find(ids[0].Must(), default))!;
        Assert.Equal(("done", Codes, Codes), (facts.State, facts.Done, facts.Total));
    }

    [Fact]
    public async Task Mint_KilledHalfway_IsFinishedOnceByWhoeverTakesOver()
    {
        (await Start("killed")).Must();
        using var folder = new ScratchFolder();
        var plan = Path.Combine(folder.Path, "plan");
        // The second piece is committed, and then the process is no more: it never says another word of this work.
        await File.WriteAllTextAsync(plan, $"QueueMint.{FaultPoints.AfterCommit} throw 2\n");
        FaultPoints.Arm(plan);
        try
        {
            var work = (await _product.One<Operations>().Claim(default))!;
            await Assert.ThrowsAsync<TimeoutException>(() => _product.Do<QueueMint, bool>(async q =>
            {
                await q.Run(work, default);
                return true;
            }));
        }
        finally
        {
            FaultPoints.Arm(null);
        }

        Assert.Equal($"running {2 * QueueMint.Piece}", await State());
        Assert.False(await Runner.Step(default));
        await Execute("UPDATE operations SET lease_until = now() - interval '1 second'");

        Assert.True(await Runner.Step(default));
        await Whole();
        Assert.Equal($"done {Codes}", await State());
    }

    [Fact]
    public async Task Mint_TakenOverWhileItRan_TheWokenOneWritesNothing()
    {
        (await Start("frozen")).Must();
        var frozen = (await _product.One<Operations>().Claim(default))!;
        await Execute("UPDATE operations SET process = 'other:1'");

        await Assert.ThrowsAsync<WorkTakenOver>(() => _product.Do<QueueMint, bool>(async q =>
        {
            await q.Run(frozen, default);
            return true;
        }));

        Assert.Equal(0, await _database.Scalar<long>("SELECT (SELECT count(*) FROM campaigns) + (SELECT count(*) FROM invite_codes)"));
        await Execute("UPDATE operations SET lease_until = now() - interval '1 second'");
        Assert.True(await Runner.Step(default));
        await Whole();
    }

    [Fact]
    public async Task Mint_BadFieldsOrWrongRole_IsRefusedBeforeAnythingIsQueued()
    {
        Assert.Contains("count", Assert.IsType<Invalid>((await Do(q => q.Start(Product.Owner, new MintRequest("Big", MintCampaign.MostCodes + 1, 1), "k", default))).Failure).Fields.Keys);
        Assert.IsType<NotAllowed>((await Do(q => q.Start(Actor.Staff("9", "Vera", [Role.Viewer]), new MintRequest("Big", 5_000, 1), "k", default))).Failure);
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM operations"));
    }

    [Fact]
    public async Task SmallMint_FormSentTwiceAtOnce_AnswersWithTheSameCodes_n10()
    {
        for (var round = 0; round < 10; round++)
        {
            var key = $"form:{round}";
            var answers = await Race.Of(6, _ => _product.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Product.Owner, new MintRequest("Small", 20, 1), key, default)));
            Assert.Single(answers.Select(a => a.Must().Slug).Distinct());
            Assert.All(answers, a => Assert.Equal(answers[0].Must().Codes, a.Must().Codes));
        }

        Assert.Equal(200, await _database.Scalar<long>("SELECT count(*) FROM invite_codes"));
        Assert.Empty(await _product.Violations());
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private OperationRunner Runner => _product.One<OperationRunner>();

    private Task<Outcome<string>> Start(string key) => Do(q => q.Start(Product.Owner, new MintRequest("Roadshow", Codes, 2, "early", 30, "ROAD"), key, default));

    private Task<Outcome<string>> Do(Func<QueueMint, Task<Outcome<string>>> call) => _product.Do(call);

    private Task<string> State() => _database.Scalar<string>("SELECT state || ' ' || done FROM operations");

    private async Task Whole()
    {
        Assert.Equal($"1 {Codes}", await _database.Scalar<string>("SELECT count(*) || ' ' || sum(codes) FROM campaigns"));
        Assert.Equal(Codes, await _database.Scalar<long>("SELECT count(DISTINCT code) FROM invite_codes WHERE shown ~ '^ROAD-....-....-....$' AND max_uses = 2 AND tier = 'early'"));
        Assert.Empty(await _product.Violations());
    }

    private async Task Execute(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
