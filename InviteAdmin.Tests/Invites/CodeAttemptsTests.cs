using InviteAdmin.Access;
using InviteAdmin.Campaigns;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Invites;

/// <summary>Refused redemptions are counted by code, hour and reason, and nothing of the person is kept.</summary>
public sealed class CodeAttemptsTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Refusals_OfEveryReason_AreCountedOnceEachAndAddUp()
    {
        var code = await Mint(1);
        (await _product.Redeem(code, "first@example.com")).Must();
        for (var i = 0; i < 3; i++) Assert.IsType<CodeExhausted>((await _product.Redeem(code, $"late-{i}@example.com")).Failure);
        Assert.Equal(3, await Attempts.Write(default));
        var open = await Mint(5);
        Assert.IsType<EmailRegistered>((await _product.Redeem(open, "first@example.com")).Failure);
        Assert.IsType<CodeExhausted>((await _product.Redeem(code, "later@example.com")).Failure);
        await Execute($"UPDATE invite_codes SET expires_at = now() - interval '1 second' WHERE shown = '{open}'");
        Assert.IsType<CodeExpired>((await _product.Redeem(open, "x@example.com")).Failure);
        (await _product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Product.Owner, open, "Leaked.", default))).Must();
        Assert.IsType<CodeRevoked>((await _product.Redeem(open, "x@example.com")).Failure);
        Assert.IsType<CodeUnknown>((await _product.Redeem("NOBODY-KNOWS-THIS", "x@example.com")).Failure);
        Assert.IsType<CodeUnknown>((await _product.Redeem("§§§", "x@example.com")).Failure);
        Assert.Equal(6, await Attempts.Write(default));
        Assert.Equal(0, await Attempts.Write(default));

        Assert.Equal(["exhausted 4"], (await Refusals(code)).Select(r => $"{r.Reason} {r.Attempts}"));
        Assert.Equal(["email-registered 1", "expired 1", "revoked 1"], (await Refusals(open)).Select(r => $"{r.Reason} {r.Attempts}").Order());
        Assert.Equal(4, (await Pages.Find(code, default))!.Refused);
        Assert.Equal(2, await new CodeListQueries(_database.Source, new RecentCounts(TimeProvider.System)).UnknownTries(default));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Refusals_ByTheThousand_AreOneRow()
    {
        var code = CodeText.Canonical(await Mint(1));
        await Race.Of(16, _ => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++) Attempts.Note(code, new CodeRevoked());
            for (var i = 0; i < 1_000; i++) Attempts.Note($"GUESS{i}", new CodeUnknown());
            return true;
        }));

        Assert.Equal(32_000, await Attempts.Write(default));
        Assert.Equal("16000,16000", await _database.Scalar<string>("SELECT string_agg(attempts::text, ',') FROM code_attempts"));
    }

    [Fact]
    public async Task Refusals_TwoProcessesWriteAtOnce_NoneIsLost_n20()
    {
        var codes = new List<string>();
        for (var i = 0; i < 10; i++) codes.Add(CodeText.Canonical(await Mint(1)));
        await using var other = new Product(_database);
        for (var round = 0; round < 20; round++)
        {
            foreach (var product in (Product[])[_product, other])
                foreach (var code in codes)
                    product.One<CodeAttempts>().Note(code, new CodeExpired());
            await Race.Of(2, n => (n == 0 ? _product : other).One<CodeAttempts>().Write(default));
        }

        Assert.Equal(400, await _database.Scalar<long>("SELECT sum(attempts)::bigint FROM code_attempts"));
    }

    [Fact]
    public async Task Refusals_CannotBeWritten_AreKeptForTheNextTime()
    {
        var code = CodeText.Canonical(await Mint(1));
        Attempts.Note(code, new CodeExpired());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Attempts.Write(new CancellationToken(canceled: true)));
        Attempts.Note(code, new CodeExpired());
        Assert.Equal(2, await Attempts.Write(default));
    }

    [Fact]
    public async Task Sweep_ForgetsWhatIsOld()
    {
        var code = CodeText.Canonical(await Mint(1));
        Attempts.Note(code, new CodeExpired());
        await Attempts.Write(default);
        Assert.Equal(0, await Attempts.Sweep(default));
        await Execute("UPDATE code_attempts SET hour = hour - interval '91 days'");
        Assert.Equal(1, await Attempts.Sweep(default));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private CodeAttempts Attempts => _product.One<CodeAttempts>();

    private CodePageQueries Pages => new(_database.Source, _product.One<Links>());

    private Task<IReadOnlyList<CodeRefusal>> Refusals(string code) => Pages.Refusals(code, default);

    private async Task<string> Mint(int uses) => (await _product.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Product.Owner, new MintRequest("Tried", 1, uses), default))).Must().Codes[0];

    private async Task Execute(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
