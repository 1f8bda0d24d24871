using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Invites;

public sealed class RedeemInviteTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task RedeemInvite_FromTheWaitlist_MakesAMemberWithThreeCodes()
    {
        var entry = await _product.Waiting("ann@example.com");
        await _product.Release(1);
        var code = await _product.CodeOf(entry);
        var answer = (await _product.Redeem(code.ToLowerInvariant().Replace("-", " "), "ann@example.com")).Must();
        Assert.Equal(("standard", null, 3), (answer.Tier, answer.InvitedBy, answer.Codes.Count));
        Assert.Equal("registered", await _product.StatusOf(entry));
        Assert.IsType<CodeExhausted>((await _product.Redeem(code, "other@example.com")).Failure);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RedeemInvite_ConfusedLetters_AreRead()
    {
        await _database.Execute("INSERT INTO invite_codes (code, shown, kind, person_name) VALUES ('0011223344AB', '0011-2233-44AB', 'vip', 'Ann')");
        Assert.Equal("standard", (await _product.Redeem("oOil-2233 44ab", "reader@example.com")).Must().Tier);
    }

    [Fact]
    public async Task RedeemInvite_PersonalCode_CreditsItsOwnerAndGrantsMilestones()
    {
        var owner = await Member("owner@example.com");
        var codes = new Queue<string>(owner.Codes.Select(c => c.Code));
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal(owner.UserId, (await _product.Redeem(codes.Dequeue(), $"friend{i}@example.com")).Must().InvitedBy);
            if (i == 3)
            {
                Assert.Equal(3, await _database.Scalar<long>($"SELECT count(*) FROM invite_codes c JOIN members m ON m.id = c.owner_member_id WHERE m.public_id = '{owner.UserId}' AND used_count = 0"));
                await using var command = _database.Source.CreateCommand($"SELECT shown FROM invite_codes c JOIN members m ON m.id = c.owner_member_id WHERE m.public_id = '{owner.UserId}' AND used_count = 0");
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    codes.Enqueue(reader.GetString(0));
                }
            }
        }

        Assert.Equal(2, await _database.Scalar<long>("SELECT count(*) FROM reward_grants WHERE threshold IN (3, 5)"));
        Assert.Equal(2, await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE kind = 'notification' AND template = 'referral_milestone'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RedeemInvite_LinkFollowedBeforeReferrerSignedUp_IsCreditedWhenBothHave()
    {
        var referrer = await _product.Waiting("slow@example.com");
        var joiner = await _product.Waiting("quick@example.com", referral: referrer.ReferralToken);
        await _product.Release(2);
        (await _product.Redeem(await _product.CodeOf(joiner), "quick@example.com")).Must();
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM referrals"));
        (await _product.Redeem(await _product.CodeOf(referrer), "slow@example.com")).Must();
        Assert.Equal(1, await _database.Scalar<int>("SELECT credited_referrals FROM members WHERE email = 'slow@example.com'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RedeemInvite_CodeOfTheOneWhoFollowedMyLink_MakesNoCycle()
    {
        var a = await _product.Waiting("a@example.com");
        var b = await _product.Waiting("b@example.com", referral: a.ReferralToken);
        await _product.Release(1);
        var memberB = (await _product.Redeem(await _product.CodeOf(b), "b@example.com")).Must();
        Assert.Equal(memberB.UserId, (await _product.Redeem(memberB.Codes[0].Code, "a@example.com")).Must().InvitedBy);
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM referrals"));
        Assert.Equal("registered", await _product.StatusOf(a));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RedeemInvite_AnotherWayIn_EndsTheOpenInvitation()
    {
        var owner = await Member("owner@example.com");
        var invited = await _product.Waiting("invited@example.com");
        await _product.Release(1);
        (await _product.Redeem(owner.Codes[0].Code, "invited@example.com")).Must();
        Assert.Equal("registered", await _product.StatusOf(invited));
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM invite_codes WHERE kind = 'waitlist' AND status = 'revoked'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RedeemInvite_ForwardedInvitation_TakesTheEntryWithIt()
    {
        var entry = await _product.Waiting("gives@example.com");
        await _product.Release(1);
        (await _product.Redeem(await _product.CodeOf(entry), "takes@example.com")).Must();
        Assert.Equal("registered", await _product.StatusOf(entry));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task JoinWaitlist_AsAMember_IsRegisteredFromTheStartAndNeverInvited()
    {
        var owner = await Member("owner@example.com");
        (await _product.Redeem(owner.Codes[0].Code, "friend@example.com")).Must();
        var entry = await _product.Waiting("friend@example.com");
        Assert.Equal("registered", await _product.StatusOf(entry));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RedeemInvite_Refused_SaysWhyAndSpendsNothing()
    {
        var owner = await Member("owner@example.com");
        Assert.IsType<CodeUnknown>((await _product.Redeem("ZZZZ-ZZZZ-ZZZZ", "x@example.com")).Failure);
        Assert.IsType<EmailRegistered>((await _product.Redeem(owner.Codes[0].Code, "OWNER@example.com")).Failure);
        await _database.Execute($"UPDATE invite_codes SET expires_at = now() - interval '1 second' WHERE shown = '{owner.Codes[1].Code}'");
        Assert.IsType<CodeExpired>((await _product.Redeem(owner.Codes[1].Code, "x@example.com")).Failure);
        (await _product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Product.Owner, owner.Codes[2].Code, "Leaked.", default))).Must();
        Assert.IsType<CodeRevoked>((await _product.Redeem(owner.Codes[2].Code, "x@example.com")).Failure);
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM invite_codes WHERE kind = 'personal' AND used_count > 0"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RedeemInvite_CodeEndsWhileItWaitsForIt_IsRefused()
    {
        await _database.Execute("INSERT INTO invite_codes (code, shown, kind, person_name) VALUES ('ENDS00N', 'ENDSOON', 'vip', 'Ann')");
        await using var holder = await _database.Source.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await holder.Execute("SELECT 1 FROM invite_codes WHERE code = 'ENDS00N' FOR UPDATE", default);
        var redeeming = _product.Redeem("EndSoon", "late@example.com");
        await WaitFor.True(() => _database.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"));
        // It began before this moment, and gets the code after it.
        await holder.Execute("UPDATE invite_codes SET expires_at = clock_timestamp() WHERE code = 'ENDS00N'", default);
        await transaction.CommitAsync();

        Assert.IsType<CodeExpired>((await redeeming).Failure);
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM members"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RedeemInvite_ManyTogether_OneHotCodeNeverOverItsLimit()
    {
        await _database.Execute("INSERT INTO invite_codes (code, shown, kind, person_name, max_uses) VALUES ('H0TC0DE', 'HOTCODE', 'vip', 'Ann', 3)");
        RedeemRequest[] requests = [.. Enumerable.Range(0, 5).Select(i => new RedeemRequest("HotCode", $"many{i}@example.com", "Many")), new RedeemRequest("HotCode", "MANY0@example.com", "Many")];
        var answers = await _product.Together(_product.One<RedeemWrite>(), [.. requests.Select(r => RedeemInvite.Check(Product.Key, r, out var row) is null ? row : throw new ArgumentException(r.Email))]);
        Assert.Equal(3, answers.Count(a => a.Succeeded));
        Assert.IsType<CodeExhausted>(answers[5].Failure);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RedeemInvite_BadFields_NamesAllOfThem() =>
        Assert.Equal(["code", "email", "name"], Assert.IsType<Invalid>((await _product.Do<RedeemInvite, Outcome<RedeemAnswer>>(r => r.One(Product.Key, new RedeemRequest("", "bad", ""), default))).Failure).Fields.Keys.Order());

    [Fact]
    public async Task LapseInvitations_Unused_ReturnsOnceThenDeclines()
    {
        var entry = await _product.Waiting("sleepy@example.com");
        foreach (var expected in (string[])["waiting", "declined"])
        {
            await _product.Release(1);
            await _database.Execute("UPDATE invite_codes SET expires_at = now() - interval '1 second' WHERE lapsed_at IS NULL");
            Assert.Equal(1, (await _product.Do<LapseInvitations, Outcome<LapseReport>>(l => l.Run(Access.Actor.System, default))).Must().Lapsed);
            Assert.Equal(expected, await _product.StatusOf(entry));
            Assert.Empty(await _product.Violations());
        }
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<RedeemAnswer> Member(string email)
    {
        var entry = await _product.Waiting(email);
        await _product.Release(1);
        return (await _product.Redeem(await _product.CodeOf(entry), email)).Must();
    }
}
