using InviteAdmin.Access;
using InviteAdmin.Invites;
using InviteAdmin.Outbox;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Invites;

public sealed class ResendInvitationTests : IAsyncLifetime
{
    private static readonly Actor Support = Actor.Staff("2", "Sue", [Role.Support]);
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database, ("Rollout:UndoSeconds", "0"));
    }

    [Fact]
    public async Task ResendInvitation_Open_WaitsTenSecondsAndKnowsWhenItWasSentBefore()
    {
        var entry = await Invited("ann@example.com");

        var resent = (await Resend(entry)).Must();

        Assert.NotNull(resent.LastSentAt);
        Assert.True(await _database.Scalar<bool>($"SELECT due_at BETWEEN now() + interval '5 seconds' AND now() + interval '11 seconds' FROM outbox WHERE id = {resent.MailId}"));
        Assert.Equal(0, await _product.One<OutboxDispatcher>().Step(default));
        Assert.Equal("Sue", await _database.Scalar<string>("SELECT actor_name FROM audit_log WHERE action = 'invitation.resent'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ResendInvitation_ManyAtOnce_IsOneMail()
    {
        var entry = await Invited("many@example.com");

        var answers = await Race.Of(10, _ => Resend(entry));

        Assert.Single(answers.Select(a => a.Must().MailId).Distinct());
        Assert.Equal(1, await Count("outbox WHERE dedupe_key LIKE 'resend:%'"));
        Assert.Equal(1, await Count("audit_log WHERE action = 'invitation.resent'"));
    }

    [Fact]
    public async Task Undo_InTime_SendsNothingAndMayBeResentAgain()
    {
        var entry = await Invited("undo@example.com");
        var resent = (await Resend(entry)).Must();

        Assert.True((await Undo(entry, resent)).Must());
        Assert.False((await Undo(entry, resent)).Must());
        await Due();
        Assert.Equal(0, await _product.One<OutboxDispatcher>().Step(default));
        Assert.NotEqual(resent.MailId, (await Resend(entry)).Must().MailId);
        Assert.Equal(1, await Count("audit_log WHERE action = 'invitation.resend-undone'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Undo_AgainstTheSendersClaim_TheDatabaseDecides()
    {
        var (undone, left) = (0, 0);
        for (var round = 0; round < Trials.Of(15, 300); round++)
        {
            var entry = await Invited($"race{round}@example.com");
            var resent = (await Resend(entry)).Must();
            await Due();
            var outcomes = await Race.Of(2, async i =>
            {
                if (i == 0) return await Undo(entry, resent);
                await _product.One<OutboxDispatcher>().Step(default);
                return true;
            });
            var state = await _database.Scalar<string>($"SELECT state FROM outbox WHERE id = {resent.MailId}");
            Assert.Equal(outcomes[0].Succeeded ? "cancelled" : "sent", state);
            Assert.Equal(state == "sent" ? 2 : 1, await Count($"mailbox WHERE recipient = 'race{round}@example.com'"));
            if (outcomes[0].Succeeded) undone++;
            else left++;
        }

        Assert.Equal(Trials.Of(15, 300), undone + left);
    }

    [Fact]
    public async Task ResendInvitation_WhereItMakesNoSense_SaysWhy()
    {
        var waiting = await _product.Waiting("waiting@example.com");
        Assert.IsType<NoOpenInvitation>((await Resend(waiting)).Failure);
        (await _product.Do<InvitePerson, Outcome<CohortFacts>>(x => x.One(Product.Owner, waiting.Id, null, default))).Must();
        Assert.IsType<InvitationOnItsWay>((await Resend(waiting)).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<ResendInvitation, Outcome<Resent>>(r => r.One(Actor.Staff("3", "Vic", [Role.Viewer]), waiting.Id, default))).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<ResendInvitation, Outcome<bool>>(r => r.Undo(Actor.Staff("3", "Vic", [Role.Viewer]), waiting.Id, 1, default))).Failure);
        Assert.IsType<NotFound>((await Undo(waiting, new Resent(4711, default, null))).Failure);
    }

    [Fact]
    public async Task Undo_OfAnythingButAResend_IsRefused()
    {
        var entry = await _product.Waiting("first@example.com");
        (await _product.Do<InvitePerson, Outcome<CohortFacts>>(x => x.One(Product.Owner, entry.Id, null, default))).Must();
        var invitation = await _database.Scalar<long>("SELECT id FROM outbox WHERE template = 'invitation'");

        Assert.IsType<NotFound>((await Undo(entry, new Resent(invitation, default, null))).Failure);
        Assert.Equal("pending", await _database.Scalar<string>($"SELECT state FROM outbox WHERE id = {invitation}"));
    }

    [Fact]
    public async Task ReplaceCode_Open_EndsTheOldOneAndMailsTheNewOnce()
    {
        var entry = await Invited("new@example.com");
        var old = await _product.CodeOf(entry);

        var answers = await Race.Of(6, _ => Replace(entry, old.ToLowerInvariant()));

        var made = Assert.Single(answers, a => a.Succeeded).Value!;
        Assert.All(answers.Where(a => !a.Succeeded), a => Assert.IsType<CodeMoved>(a.Failure));
        Assert.Equal(made.Code, await _product.CodeOf(entry));
        Assert.IsType<CodeRevoked>((await _product.Redeem(old, "new@example.com")).Failure);
        await _product.One<OutboxDispatcher>().Step(default);
        Assert.Equal(2, await Count("mailbox WHERE recipient = 'new@example.com' AND subject LIKE '%invitation%'"));
        var cohorts = _product.One<CohortQueries>();
        Assert.Equal("invited", Assert.Single(await cohorts.People((await cohorts.Find("1", default))!.Cohort.Id, 0, 50, default)).State);
        (await _product.Redeem(made.Code, "new@example.com")).Must();
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ReplaceCode_AgainstItsUse_NeverBoth()
    {
        for (var round = 0; round < Trials.Of(10, 200); round++)
        {
            var entry = await Invited($"used{round}@example.com");
            var old = await _product.CodeOf(entry);
            var answers = await Race.Of(2, async i => i == 0 ? (await Replace(entry, old)).Failure : (await _product.Redeem(old, $"used{round}@example.com")).Failure);
            Assert.Single(answers, a => a is null);
        }

        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ReplaceCode_WithoutReasonOrRole_ChangesNothing()
    {
        var entry = await Invited("kept@example.com");
        var code = await _product.CodeOf(entry);

        Assert.Equal(["reason"], Assert.IsType<Invalid>((await _product.Do<ReplaceCode, Outcome<GivenCode>>(r => r.One(Support, entry.Id, code, " ", default))).Failure).Fields.Keys);
        Assert.IsType<NotAllowed>((await _product.Do<ReplaceCode, Outcome<GivenCode>>(r => r.One(Actor.Staff("3", "Vic", [Role.Viewer]), entry.Id, code, "Lost.", default))).Failure);
        Assert.Equal(code, await _product.CodeOf(entry));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Invited, and the mail has been sent.</summary>
    private async Task<EntryFacts> Invited(string email)
    {
        var entry = await _product.Waiting(email);
        (await _product.Do<InvitePerson, Outcome<CohortFacts>>(x => x.One(Product.Owner, entry.Id, null, default))).Must();
        while (await _product.One<OutboxDispatcher>().Step(default) > 0) { }

        return entry;
    }

    private async Task Due()
    {
        await using var command = _database.Source.CreateCommand("UPDATE outbox SET due_at = now() WHERE dedupe_key LIKE 'resend:%' AND state = 'pending'");
        await command.ExecuteNonQueryAsync();
    }

    private Task<Outcome<Resent>> Resend(EntryFacts entry) => _product.Do<ResendInvitation, Outcome<Resent>>(r => r.One(Support, entry.Id, default));

    private Task<Outcome<bool>> Undo(EntryFacts entry, Resent resent) => _product.Do<ResendInvitation, Outcome<bool>>(r => r.Undo(Support, entry.Id, resent.MailId, default));

    private Task<Outcome<GivenCode>> Replace(EntryFacts entry, string code) => _product.Do<ReplaceCode, Outcome<GivenCode>>(r => r.One(Support, entry.Id, code, "Lost the mail.", default));

    private Task<long> Count(string what) => _database.Scalar<long>($"SELECT count(*) FROM {what}");
}
