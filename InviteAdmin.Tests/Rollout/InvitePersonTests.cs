using InviteAdmin.Access;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Rollout;

public sealed class InvitePersonTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task InvitePerson_FarDownTheQueue_IsACohortOfOneThatCanBeUndone()
    {
        var first = await _product.Waiting("first@example.com");
        var chosen = await _product.Waiting("chosen@example.com");

        var cohort = (await Invite(chosen, "Speaks at our event.")).Must();

        Assert.Equal((1, 1, "Speaks at our event."), (cohort.Requested, cohort.Invited, cohort.Note));
        Assert.Equal(("waiting", "invited"), (await _product.StatusOf(first), await _product.StatusOf(chosen)));
        Assert.Equal(2, await _database.Scalar<int>("SELECT rank FROM cohort_entries"));
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE template = 'invitation' AND due_at >= now() + interval '50 seconds'"));
        Assert.Equal(1, (await _product.Do<RecallCohort, Outcome<int>>(r => r.Undo(Product.Owner, cohort.Id, default))).Must());
        Assert.Equal("waiting", await _product.StatusOf(chosen));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task InvitePerson_Twice_ActsOnceAndSaysWhoWasFaster()
    {
        var entry = await _product.Waiting("twice@example.com");

        var both = await Race.Of(8, _ => Invite(entry, null));

        Assert.Single(both, b => b.Succeeded);
        Assert.All(both.Where(b => !b.Succeeded), b => Assert.Equal("This person is invited already, in cohort 1 by Owner. Nothing was sent.", b.Failure!.Detail));
        Assert.Equal((1L, 1L), (await _database.Scalar<long>("SELECT count(*) FROM invite_codes"), await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE template = 'invitation'")));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task InvitePerson_AgainstAReleaseOfTheSamePerson_OneCodeAndOneMail()
    {
        for (var round = 0; round < Trials.Of(10, 200); round++)
        {
            var entry = await _product.Waiting($"race{round}@example.com");
            var answers = await Race.Of(2, async i => i == 0
                ? (await Invite(entry, null)).Failure
                : (await _product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, new ReleaseRequest(1), default))).Failure);

            Assert.Single(answers, a => a is null);
            Assert.True(answers.Single(a => a is not null) is CannotBeInvited or NobodyWaiting);
            Assert.Equal("invited", await _product.StatusOf(entry));
        }

        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM (SELECT 1 FROM outbox WHERE template = 'invitation' GROUP BY entry_id HAVING count(*) > 1) twice"));
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM (SELECT 1 FROM invite_codes GROUP BY entry_id HAVING count(*) > 1) twice"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task InvitePerson_LastSeat_IsGivenOnce()
    {
        var (one, other) = (await _product.Waiting("one@example.com"), await _product.Waiting("other@example.com"));
        await Execute("UPDATE rollout_plans SET capacity = 1");

        var answers = await Race.Of(2, i => Invite(i == 0 ? one : other, null));

        Assert.Single(answers, a => a.Succeeded);
        Assert.IsType<NoCapacity>(answers.Single(a => !a.Succeeded).Failure);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task InvitePerson_WhoCannotBe_IsToldWhy()
    {
        var excluded = await _product.Waiting("excluded@example.com");
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Product.Owner, excluded.Id, "A competitor.", default))).Must();
        var unconfirmed = (await _product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Product.Key, new JoinRequest("unconfirmed@example.com", "Ann"), default))).Must().Entry;
        var gone = await _product.Waiting("gone@example.com");
        (await _product.Do<DeclineEntry, Outcome<EntryFacts>>(x => x.ById(Product.Owner, gone.Id, null, default))).Must();
        var paused = await _product.Waiting("paused@example.com");

        Assert.Equal("This person is excluded. Include them again first. Nothing was sent.", (await Invite(excluded, null)).Failure?.Detail);
        Assert.Equal("This person has not confirmed their email yet. Nothing was sent.", (await Invite(unconfirmed, null)).Failure?.Detail);
        Assert.Equal("This person has left the waitlist. Nothing was sent.", (await Invite(gone, null)).Failure?.Detail);
        Assert.IsType<NotFound>((await Invite(gone with { Id = "wl_nobody" }, null)).Failure);
        Assert.IsType<Invalid>((await Invite(paused, new string('x', 501))).Failure);
        Assert.IsType<NotAllowed>((await _product.Do<InvitePerson, Outcome<CohortFacts>>(x => x.One(Actor.Staff("2", "Sue", [Role.Support]), paused.Id, null, default))).Failure);
        await Execute("UPDATE rollout_plans SET state = 'paused'");
        Assert.IsType<RolloutPaused>((await Invite(paused, null)).Failure);
        Assert.Equal((0L, 0L), (await _database.Scalar<long>("SELECT count(*) FROM cohorts"), await _database.Scalar<long>("SELECT count(*) FROM invite_codes")));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<Outcome<CohortFacts>> Invite(EntryFacts entry, string? reason) => _product.Do<InvitePerson, Outcome<CohortFacts>>(x => x.One(Product.Owner, entry.Id, reason, default));

    private async Task Execute(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
