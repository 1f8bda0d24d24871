using InviteAdmin.Access;
using InviteAdmin.Campaigns;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Invites;

/// <summary>A code's end and limit: who may change them, what stale edits and redemptions at the same instant do.</summary>
public sealed class CodeEditTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private static int _people;
    private readonly Product _product = new(database);

    public Task InitializeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Extend_ByWhoSawTheEnd_IsKeptWithBeforeAndAfter()
    {
        var (code, end) = await Mint(3);
        var later = end!.Value.AddDays(10);

        Assert.Equal(later, (await Extend(code, later, end)).Must().ExpiresAt);
        Assert.Equal(1, await database.Scalar<long>($"SELECT count(*) FROM audit_log WHERE action = 'code.extended' AND (before ->> 'expiresAt')::timestamptz < (after ->> 'expiresAt')::timestamptz AND target_id = '{await Id(code)}'"));
        Assert.Null((await Extend(code, null, later)).Must().ExpiresAt);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Extend_StaleEdit_SaysBothVersionsAndChangesNothing()
    {
        var (code, end) = await Mint(3);
        (await Extend(code, end!.Value.AddDays(1), end)).Must();

        var changed = Assert.IsType<CodeChanged>((await Extend(code, end.Value.AddDays(5), end)).Failure);

        Assert.Contains($"{end.Value.AddDays(1).UtcDateTime:d MMM yyyy}", changed.Now, StringComparison.Ordinal);
        Assert.Contains($"{end.Value.AddDays(5).UtcDateTime:d MMM yyyy}", changed.Yours, StringComparison.Ordinal);
        Assert.Equal(end.Value.AddDays(1), await End(code));
    }

    [Fact]
    public async Task Extend_IntoThePastOrRevokedOrUnknown_IsRefused()
    {
        var (code, end) = await Mint(3);
        Assert.Contains("until", Assert.IsType<Invalid>((await Extend(code, DateTimeOffset.UnixEpoch, end)).Failure).Fields.Keys);
        Assert.IsType<CodeUnknown>((await Extend("NO-SUCH-CODE", end, end)).Failure);
        (await _product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Product.Owner, code, "Leaked.", default))).Must();
        Assert.IsType<CodeRevoked>((await Extend(code, end!.Value.AddDays(1), end)).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<ExtendCode, Outcome<CodeFacts>>(x => x.One(Actor.Staff("9", "Vera", [Role.Viewer]), code, new(end, end), default))).Failure);
    }

    [Fact]
    public async Task Extend_ExpiredCode_WorksAgain()
    {
        var (code, _) = await Mint(3);
        await Execute($"UPDATE invite_codes SET expires_at = now() - interval '1 minute' WHERE shown = '{code}'");
        Assert.IsType<CodeExpired>((await Redeem(code)).Failure);

        (await Extend(code, DateTimeOffset.UtcNow.AddDays(2), await End(code))).Must();

        (await Redeem(code)).Must();
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Limit_RaisedAndLowered_NeverBelowUsed()
    {
        var (code, _) = await Mint(2);
        (await Redeem(code)).Must();
        (await Redeem(code)).Must();
        Assert.IsType<CodeExhausted>((await Redeem(code)).Failure);

        Assert.Equal(3, (await Limit(code, 5, 2)).Must().UsesLeft);
        (await Redeem(code)).Must();
        Assert.Equal(new LimitBelowUsed(3), (await Limit(code, 2, 5)).Failure);
        Assert.IsType<CodeChanged>((await Limit(code, 9, 4)).Failure);
        Assert.Equal(0, (await Limit(code, 3, 5)).Must().UsesLeft);
        Assert.Equal(["2>5", "5>3"], await database.Scalar<string[]>($"SELECT array_agg((before ->> 'maxUses') || '>' || (after ->> 'maxUses') ORDER BY id) FROM audit_log WHERE action = 'code.limit' AND target_id = '{await Id(code)}'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Limit_OfAPersonalCodeOrByTheWrongRole_IsRefused()
    {
        var (code, _) = await Mint(2);
        var personal = (await Redeem(code)).Must().Codes[0].Code;
        Assert.IsType<LimitFixed>((await Limit(personal, 5, 1)).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<RaiseLimit, Outcome<CodeFacts>>(x => x.One(Actor.Staff("8", "Sam", [Role.Support]), code, new(9, 2), default))).Failure);
        Assert.Contains("maxUses", Assert.IsType<Invalid>((await Limit(code, 0, 2)).Failure).Fields.Keys);
    }

    [Fact]
    public async Task Limit_ChangedAtTheInstantOfRedemptions_HoldsForEachOfThem_n30()
    {
        for (var round = 0; round < 30; round++)
        {
            var (code, _) = await Mint(6);
            var lower = round % 2 == 0;
            var answers = await Race.Of(9, async n => n == 0 ? (await Limit(code, lower ? 3 : 8, 6)).Succeeded : (await Redeem(code)).Succeeded);
            var (used, most) = (await database.Scalar<int>($"SELECT used_count FROM invite_codes WHERE shown = '{code}'"), await database.Scalar<int>($"SELECT max_uses FROM invite_codes WHERE shown = '{code}'"));
            Assert.Equal(answers.Skip(1).Count(a => a), used);
            Assert.Equal(answers[0] ? lower ? 3 : 8 : 6, most);
            Assert.InRange(used, 0, most);
        }

        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Limit_TwoEditorsAtOnce_OneWinsAndTheOtherSeesIt_n20()
    {
        for (var round = 0; round < 20; round++)
        {
            var (code, _) = await Mint(2);
            var answers = await Race.Of(2, n => Limit(code, 10 + n, 2));
            Assert.Single(answers, a => a.Succeeded);
            Assert.Single(answers, a => a.Failure is CodeChanged);
        }
    }

    public async Task DisposeAsync() => await _product.DisposeAsync();

    private async Task<(string Code, DateTimeOffset? End)> Mint(int uses)
    {
        var code = (await _product.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Product.Owner, new MintRequest("Edited", 1, uses, ExpiresInDays: 30), default))).Must().Codes[0];
        return (code, await End(code));
    }

    private async Task<DateTimeOffset?> End(string code) => new(await database.Scalar<DateTime>($"SELECT expires_at FROM invite_codes WHERE shown = '{code}'"));

    private Task<long> Id(string code) => database.Scalar<long>($"SELECT id FROM invite_codes WHERE shown = '{code}'");

    private Task<Outcome<RedeemAnswer>> Redeem(string code) => _product.Redeem(code, $"edit-{Interlocked.Increment(ref _people)}@example.com");

    private Task<Outcome<CodeFacts>> Extend(string code, DateTimeOffset? until, DateTimeOffset? seen) => _product.Do<ExtendCode, Outcome<CodeFacts>>(x => x.One(Product.Owner, code, new ExtendRequest(until, seen), default));

    private Task<Outcome<CodeFacts>> Limit(string code, int uses, int seen) => _product.Do<RaiseLimit, Outcome<CodeFacts>>(x => x.One(Product.Owner, code, new LimitRequest(uses, seen), default));

    private async Task Execute(string sql)
    {
        await using var command = database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
