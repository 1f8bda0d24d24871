using InviteAdmin.Access;
using InviteAdmin.Campaigns;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Invites;

/// <summary>Codes and campaigns taken back and given back, alone and at the same instant as others.</summary>
public sealed class RevocationTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private static readonly Actor Viewer = Actor.Staff("9", "Vera", [Role.Viewer]);
    private static readonly Actor Support = Actor.Staff("8", "Sam", [Role.Support]);
    private static int _people;
    private readonly Product _product = new(database, ("Rollout:UndoSeconds", "3600"));

    public Task InitializeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Revoke_ThenUndo_TheCodeWorksAgainAndBothAreAudited()
    {
        var code = await Mint(uses: 3);
        (await _product.Redeem(code, Email())).Must();

        Assert.False((await Revoke(code)).Must().Valid);
        Assert.IsType<CodeRevoked>((await _product.Redeem(code, Email())).Failure);
        var page = (await Page(code))!;
        Assert.Equal(("revoked", "Owner", "Leaked."), (page.State, page.RevokedBy, page.RevokedReason));
        Assert.InRange((page.UndoUntil!.Value - page.RevokedAt!.Value).TotalSeconds, 9.5, 10);

        Assert.Equal(1, (await Undo(code)).Must().Codes);
        (await _product.Redeem(code, Email())).Must();
        Assert.Equal("active", (await Page(code))!.State);
        Assert.Equal(["code.revoked", "code.revocation-undone"], await Actions(code));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Revoke_WithoutReasonOrRole_IsRefusedAndNothingEnds()
    {
        var code = await Mint(uses: 3);
        Assert.Contains("reason", Assert.IsType<Invalid>((await _product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Product.Owner, code, "  ", default))).Failure).Fields.Keys);
        Assert.IsType<NotAllowed>((await _product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Viewer, code, "Leaked.", default))).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<UndoRevocation, Outcome<RevocationUndone>>(u => u.OfCode(Viewer, code, default))).Failure);
        Assert.Equal("active", (await Page(code))!.State);
    }

    [Fact]
    public async Task Undo_AfterTheWindow_RevocationStands()
    {
        var code = await Mint(uses: 3);
        (await Revoke(code)).Must();
        await Execute($"UPDATE code_revocations SET undo_until = clock_timestamp() - interval '1 microsecond' WHERE code_id = {await Id(code)}");

        Assert.IsType<RevocationStands>((await Undo(code)).Failure);
        Assert.Null((await Page(code))!.UndoUntil);
        Assert.IsType<CodeRevoked>((await _product.Redeem(code, Email())).Failure);
    }

    [Fact]
    public async Task Undo_OfACodeNobodyRevoked_SaysSo()
    {
        Assert.IsType<RevocationStands>((await Undo(await Mint(uses: 1))).Failure);
        Assert.IsType<CodeUnknown>((await Undo("NO-SUCH-CODE")).Failure);
    }

    [Fact]
    public async Task Undo_TwentyAtOnce_ActsOnce_n10()
    {
        for (var round = 0; round < 10; round++)
        {
            var code = await Mint(uses: 2);
            (await Revoke(code)).Must();
            var answers = await Race.Of(20, _ => Undo(code));
            Assert.Equal(1, answers.Sum(a => a.Must().Codes));
            Assert.Single(await Actions(code), a => a == "code.revocation-undone");
        }

        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Undo_AgainstRedemptionsAtTheSameInstant_NeverOverTheLimitAndNoneWhileRevoked_n50()
    {
        var won = 0;
        for (var round = 0; round < 50; round++)
        {
            var code = await Mint(uses: 1);
            (await Revoke(code)).Must();
            var answers = await Race.Of(4, async n => n == 0 ? (await Undo(code)).Must().Codes == 1 : (await _product.Redeem(code, Email())).Succeeded);
            Assert.True(answers[0]);
            Assert.InRange(answers.Skip(1).Count(a => a), 0, 1);
            won += answers.Skip(1).Count(a => a);
        }

        Assert.InRange(won, 0, 50);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task UndoOfAnInvitation_PersonIsInvitedAgainAtTheirCohortAndTheMailComesBack()
    {
        var entry = await _product.Waiting(Email());
        var cohort = await Release(entry.Id);
        var code = await _product.CodeOf(entry);

        (await _product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Support, code, "Wrong person.", default))).Must();
        Assert.Equal(("waiting", "cancelled"), (await _product.StatusOf(entry), await Mail(code)));
        (await _product.Do<UndoRevocation, Outcome<RevocationUndone>>(u => u.OfCode(Support, code, default))).Must();

        Assert.Equal(("invited", "pending"), (await _product.StatusOf(entry), await Mail(code)));
        Assert.Equal(cohort.Number, await database.Scalar<int>($"SELECT c.number FROM waitlist_entries e JOIN cohorts c ON c.id = e.cohort_id WHERE e.public_id = '{entry.Id}'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task UndoOfAnInvitation_PersonInvitedAgainMeanwhile_Stands()
    {
        var entry = await _product.Waiting(Email());
        await Release(entry.Id);
        var code = await _product.CodeOf(entry);
        (await Revoke(code)).Must();
        await Release(entry.Id);

        Assert.IsType<RevocationStands>((await Undo(code)).Failure);
        Assert.Equal("revoked", (await Page(code))!.State);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task UndoOfAnInvitation_SeatTakenMeanwhile_IsRefused()
    {
        var entry = await _product.Waiting(Email());
        await Release(entry.Id);
        var code = await _product.CodeOf(entry);
        (await Revoke(code)).Must();
        await Execute("UPDATE rollout_plans SET capacity = 0 WHERE is_current");
        try
        {
            Assert.IsType<NoCapacity>((await Undo(code)).Failure);
        }
        finally
        {
            await Execute("UPDATE rollout_plans SET capacity = NULL WHERE is_current");
        }

        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RevokeCampaign_ThenUndo_EveryOpenCodeEndsAndComesBackInOneAuditRowEach()
    {
        var campaign = await Campaign(12, uses: 2);
        (await _product.Redeem(campaign.Codes[0], Email())).Must();
        (await _product.Redeem(campaign.Codes[1], Email())).Must();
        (await _product.Redeem(campaign.Codes[1], Email())).Must();

        Assert.Equal(new RevokedCampaign(11, 21), (await RevokeAll(campaign.Slug)).Must());
        Assert.Equal(new RevokedCampaign(0, 0), (await RevokeAll(campaign.Slug)).Must());
        Assert.IsType<CodeRevoked>((await _product.Redeem(campaign.Codes[5], Email())).Failure);
        Assert.Equal(("revoked", "Owner"), ((await Page(campaign.Codes[5]))!.State, (await Page(campaign.Codes[5]))!.RevokedBy));
        Assert.Empty(await _product.Violations());

        Assert.Equal(11, (await _product.Do<UndoRevocation, Outcome<RevocationUndone>>(u => u.OfCampaign(Product.Owner, campaign.Slug, default))).Must().Codes);
        (await _product.Redeem(campaign.Codes[0], Email())).Must();
        (await _product.Redeem(campaign.Codes[5], Email())).Must();
        Assert.Equal(1, await database.Scalar<long>($"SELECT count(*) FROM audit_log WHERE target_id = '{campaign.CampaignId}' AND action = 'campaign.revoked' AND reason = 'The partner left.'"));
        Assert.Equal(1, await database.Scalar<long>($"SELECT count(*) FROM audit_log WHERE target_id = '{campaign.CampaignId}' AND action = 'campaign.revocation-undone'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RevokeCampaign_AsSupport_IsRefused()
    {
        var campaign = await Campaign(2, uses: 1);
        Assert.IsType<NotAllowed>((await _product.Do<RevokeCampaign, Outcome<RevokedCampaign>>(r => r.All(Support, campaign.Slug, "No.", default))).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<UndoRevocation, Outcome<RevocationUndone>>(r => r.OfCampaign(Support, campaign.Slug, default))).Failure);
        Assert.IsType<NotFound>((await RevokeAll("no-such-campaign")).Failure);
    }

    [Fact]
    public async Task RevokeCampaign_AgainstRedemptionsAtTheSameInstant_NoneAfterItsCommit_n20()
    {
        for (var round = 0; round < 20; round++)
        {
            var campaign = await Campaign(4, uses: 2);
            await Race.Of(9, async n => n == 8 ? (await RevokeAll(campaign.Slug)).Succeeded : (await _product.Redeem(campaign.Codes[n / 2], Email())).Succeeded);
        }

        Assert.Equal(0, await database.Scalar<long>("SELECT count(*) FROM redemptions r JOIN invite_codes c ON c.id = r.code_id WHERE r.redeemed_at > c.revoked_at"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task VipMail_RevokedBeforeItLeft_IsNeverSentAndComesBackByUndo()
    {
        var email = Email();
        var vip = (await _product.Do<CreateVipCode, Outcome<GivenCode>>(v => v.One(Product.Owner, new VipRequest("Vera Important", email, 5, Mail: true), default))).Must();
        Assert.Equal("pending", await Mail(vip.Code));
        Assert.True(await database.Scalar<bool>($"SELECT due_at > now() + interval '8 seconds' FROM outbox WHERE recipient = '{email}'"));

        (await Revoke(vip.Code)).Must();
        Assert.Equal("cancelled", await Mail(vip.Code));
        (await Undo(vip.Code)).Must();
        Assert.Equal("pending", await Mail(vip.Code));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task VipCode_FormSentTwiceAtOnce_IsOneCode_n10()
    {
        for (var round = 0; round < 10; round++)
        {
            var request = new VipRequest("Twice", Email(), 5, Mail: true, RequestKey: Guid.NewGuid().ToString("N"));
            var made = await Race.Of(6, _ => _product.Do<CreateVipCode, Outcome<GivenCode>>(v => v.One(Product.Owner, request, default)));
            Assert.Single(made.Select(m => m.Must().Code).Distinct());
            Assert.Equal(1, await database.Scalar<long>($"SELECT count(*) FROM outbox WHERE recipient = '{request.Email}'"));
        }
    }

    public async Task DisposeAsync() => await _product.DisposeAsync();

    private static string Email() => $"person-{Interlocked.Increment(ref _people)}@example.com";

    private async Task<string> Mint(int uses) => (await Campaign(1, uses)).Codes[0];

    private async Task<MintedCampaign> Campaign(int codes, int uses) =>
        (await _product.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Product.Owner, new MintRequest("Partner", codes, uses), default))).Must();

    private async Task<CohortFacts> Release(string entry) => (await _product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, new ReleaseRequest(1, EntryIds: [entry]), default))).Must();

    private Task<Outcome<CodeFacts>> Revoke(string code) => _product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Product.Owner, code, "Leaked.", default));

    private Task<Outcome<RevocationUndone>> Undo(string code) => _product.Do<UndoRevocation, Outcome<RevocationUndone>>(u => u.OfCode(Product.Owner, code, default));

    private Task<Outcome<RevokedCampaign>> RevokeAll(string slug) => _product.Do<RevokeCampaign, Outcome<RevokedCampaign>>(r => r.All(Product.Owner, slug, "The partner left.", default));

    private Task<CodeDetail?> Page(string code) => new CodePageQueries(database.Source, _product.One<Links>()).Find(code, default);

    private Task<long> Id(string code) => database.Scalar<long>($"SELECT id FROM invite_codes WHERE shown = '{code}'");

    private Task<string> Mail(string code) => database.Scalar<string>($"SELECT o.state FROM outbox o JOIN invite_codes k ON k.id = o.code_id WHERE k.shown = '{code}'");

    private async Task<string[]> Actions(string code) =>
        await database.Scalar<string[]>($"SELECT array_agg(action ORDER BY id) FROM audit_log WHERE target_kind = 'code' AND target_id = '{await Id(code)}'");

    private async Task Execute(string sql)
    {
        await using var command = database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
