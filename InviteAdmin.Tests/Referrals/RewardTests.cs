using InviteAdmin.Access;
using InviteAdmin.Invites;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Referrals;

public sealed class RewardTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private readonly Product _product = new(database);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        Assert.Empty(await _product.Violations());
        await _product.DisposeAsync();
    }

    [Fact]
    public async Task RewardMember_Once_GivesTierAndCodesWithAReasonOnRecord()
    {
        var member = await Member("once@example.com");

        var given = (await Reward(member)).Must();

        Assert.Equal(new RewardGiven(25, "standard", "vip"), given);
        Assert.Equal("vip 28", await Facts(member));
        Assert.Equal("member.rewarded Brought half the town. {\"tier\": \"standard\"} {\"tier\": \"vip\", \"codes\": 25}", await database.Scalar<string>(
            $"SELECT action || ' ' || reason || ' ' || before || ' ' || after FROM audit_log WHERE target_id = '{member}' AND action = 'member.rewarded'"));
        Assert.IsType<AlreadyRewarded>((await Reward(member)).Failure);
        Assert.Equal("vip 28", await Facts(member));
    }

    [Fact]
    public async Task RewardMember_TenAtOnce_OneWins_n20()
    {
        for (var round = 0; round < 20; round++)
        {
            var member = await Member($"race-{round}@example.com");

            var answers = await Race.Of(10, _ => Reward(member));

            Assert.Single(answers, a => a.Succeeded);
            Assert.Equal(9, answers.Count(a => a.Failure is AlreadyRewarded));
            Assert.Equal("vip 28", await Facts(member));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    [InlineData("over\u202Eturned")]
    public async Task RewardMember_WithoutAProperReason_IsRefused(string? reason)
    {
        var member = await Member($"reason-{Guid.NewGuid():N}@example.com");

        var outcome = await _product.Do<RewardMember, Outcome<RewardGiven>>(r => r.One(Product.Owner, member, reason, default));

        Assert.Equal("reason", Assert.Single(Assert.IsType<Invalid>(outcome.Failure).Fields.Keys));
        Assert.Equal("standard 3", await Facts(member));
    }

    [Fact]
    public async Task RewardMember_UnknownId_SaysSo() => Assert.IsType<NotFound>((await Reward("usr_nobody")).Failure);

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Support)]
    [InlineData(Role.Developer)]
    public async Task RewardAndUndo_RolesThatMayNot_AreRefusedAndNothingHappens(string role)
    {
        var member = await Member($"{role}@example.com");
        var actor = Actor.Staff("9", "Sam", [role]);

        Assert.IsType<NotAllowed>((await _product.Do<RewardMember, Outcome<RewardGiven>>(r => r.One(actor, member, "Thanks.", default))).Failure);
        Assert.Equal("standard 3", await Facts(member));
        (await Reward(member)).Must();
        Assert.IsType<NotAllowed>((await _product.Do<UndoReward, Outcome<int>>(u => u.One(actor, member, default))).Failure);
        Assert.Equal("vip 28", await Facts(member));
    }

    [Fact]
    public async Task UndoReward_NothingUsed_TakesTierAndCodesBackAndCanBeGivenAgain()
    {
        var member = await Member("undone@example.com");
        (await Reward(member)).Must();
        var code = await RewardCode(member);

        Assert.Equal(25, (await Undo(member)).Must());

        Assert.Equal("standard 3", await Facts(member));
        Assert.IsType<CodeRevoked>((await _product.Redeem(code, "late@example.com")).Failure);
        Assert.IsType<NotRewarded>((await Undo(member)).Failure);
        (await Reward(member)).Must();
        Assert.Equal("vip 28", await Facts(member));
    }

    [Fact]
    public async Task UndoReward_ACodeUsed_IsRefusedAndNothingEnds()
    {
        var member = await Member("used@example.com");
        (await Reward(member)).Must();
        (await _product.Redeem(await RewardCode(member), "friend-of-used@example.com")).Must();

        Assert.Equal(1, Assert.IsType<RewardUsed>((await Undo(member)).Failure).Used);
        Assert.Equal("vip 27", await Facts(member));
    }

    [Fact]
    public async Task UndoReward_TierEarnedMeanwhile_Stays()
    {
        var member = await Member("earned@example.com");
        (await Reward(member)).Must();
        await database.Execute($"INSERT INTO reward_grants (member_id, threshold, codes, tier) SELECT id, -1, 0, 'vip' FROM members WHERE public_id = '{member}'");

        (await Undo(member)).Must();

        Assert.Equal("vip 3", await Facts(member));
        await database.Execute("DELETE FROM reward_grants WHERE threshold = -1");
    }

    [Fact]
    public async Task UndoReward_AgainstARedemptionOfItsCode_ExactlyOneWins_n100()
    {
        var redeemed = 0;
        for (var round = 0; round < 100; round++)
        {
            var member = await Member($"pair-{round}@example.com");
            (await Reward(member)).Must();
            var code = await RewardCode(member);

            var undo = Task.Run(() => Undo(member));
            var redeem = Task.Run(() => _product.Redeem(code, $"pair-friend-{round}@example.com"));
            var (undone, used) = (await undo, await redeem);

            Assert.True(undone.Succeeded != used.Succeeded, $"round {round}: undo {undone.Failure}, redeem {used.Failure}");
            Assert.True(undone.Succeeded ? used.Failure is CodeRevoked : undone.Failure is RewardUsed);
            Assert.Equal(undone.Succeeded ? "standard 3" : "vip 27", await Facts(member));
            redeemed += used.Succeeded ? 1 : 0;
        }

        Assert.InRange(redeemed, 0, 100);
    }

    [Fact]
    public async Task RewardAndUndo_Mixed_LeaveNoDeadlockAndOneState_n30()
    {
        var member = await Member("mixed@example.com");
        for (var round = 0; round < 30; round++)
        {
            await Race.Of(6, i => i % 2 == 0 ? Told(Reward(member)) : Told(Undo(member)));
            Assert.Contains(await Facts(member), (string[])["standard 3", "vip 28"]);
        }

        static async Task<bool> Told<T>(Task<Outcome<T>> call) => (await call).Succeeded;
    }

    private async Task<string> Member(string email)
    {
        await database.Execute($"INSERT INTO invite_codes (code, shown, kind, person_name) SELECT c, c, 'vip', 'Ann' FROM (SELECT new_code() AS c) x");
        var code = await database.Scalar<string>("SELECT code FROM invite_codes WHERE kind = 'vip' AND used_count = 0 ORDER BY id DESC LIMIT 1");
        return (await _product.Redeem(code, email)).Must().UserId;
    }

    private Task<Outcome<RewardGiven>> Reward(string member) => _product.Do<RewardMember, Outcome<RewardGiven>>(r => r.One(Product.Owner, member, "Brought half the town.", default));

    private Task<Outcome<int>> Undo(string member) => _product.Do<UndoReward, Outcome<int>>(u => u.One(Product.Owner, member, default));

    /// <summary>Tier and codes that can still be used.</summary>
    private Task<string> Facts(string member) => database.Scalar<string>(
        $"SELECT m.tier || ' ' || (SELECT count(*) FROM invite_codes c WHERE c.owner_member_id = m.id AND c.status = 'active' AND c.used_count = 0) FROM members m WHERE m.public_id = '{member}'");

    private Task<string> RewardCode(string member) => database.Scalar<string>(
        $"SELECT c.shown FROM reward_codes k JOIN invite_codes c ON c.id = k.code_id JOIN members m ON m.id = c.owner_member_id WHERE m.public_id = '{member}' AND c.status = 'active' ORDER BY c.id LIMIT 1");
}
