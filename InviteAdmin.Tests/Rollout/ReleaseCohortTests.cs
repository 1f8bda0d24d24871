using InviteAdmin.Access;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Rollout;

public sealed class ReleaseCohortTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task ReleaseCohort_NextN_TakesTheBestRankedAndHoldsTheirMail()
    {
        var first = await _product.Waiting("first@example.com");
        var second = await _product.Waiting("second@example.com");
        var friend = await _product.Waiting("friend@example.com", referral: second.ReferralToken);

        var preview = (await Preview(new ReleaseRequest(2))).Must();
        Assert.Equal([friend.Id, second.Id], preview.Invited.Select(p => p.EntryId));
        Assert.Equal("10 points: came through a friend's link.", preview.Invited[0].Why);
        Assert.Equal("5 points: brought 1 person.", preview.Invited[1].Why);
        Assert.Equal(0, await _database.Scalar<long>("SELECT count(*) FROM cohorts"));

        var cohort = await _product.Release(2);
        Assert.Equal((1, 2, 2), (cohort.Number, cohort.Requested, cohort.Invited));
        Assert.Equal("waiting", await _product.StatusOf(first));
        Assert.Equal("invited", await _product.StatusOf(friend));
        Assert.Equal(2, await _database.Scalar<long>($"SELECT count(*) FROM outbox WHERE template = 'invitation' AND due_at >= now() + interval '50 seconds'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ReleaseCohort_HeldPeople_ArePassedByAndNamed()
    {
        var excluded = await _product.Waiting("excluded@example.com");
        await _product.Waiting("next@example.com");
        (await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Product.Owner, excluded.Id, "A competitor.", default))).Must();
        var preview = (await Preview(new ReleaseRequest(1))).Must();
        Assert.Equal(["next@example.com"], preview.Invited.Select(p => p.Email));
        Assert.Equal([("excluded@example.com", "Excluded: A competitor.")], preview.Skipped.Select(s => (s.Email, s.Reason)));
        Assert.Equal(1, (await _product.Release(5)).Invited);
        Assert.Equal("waiting", await _product.StatusOf(excluded));
    }

    [Fact]
    public async Task ReleaseCohort_ExpectedNumberTaken_SaysWhoReleasedIt()
    {
        await _product.Waiting("a@example.com");
        await _product.Waiting("b@example.com");
        var request = new ReleaseRequest(1, ExpectedNumber: 1);
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => _product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, request, default))));
        Assert.Single(both, b => b.Succeeded);
        Assert.Equal(1, Assert.IsType<AlreadyReleased>(both.Single(b => !b.Succeeded).Failure).Cohort.Number);
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM waitlist_entries WHERE status = 'invited'"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public async Task ReleaseCohort_CountOutOfBounds_NamesTheField(int count) =>
        Assert.Equal(["count"], Assert.IsType<Invalid>((await _product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, new ReleaseRequest(count), default))).Failure).Fields.Keys);

    [Fact]
    public async Task ReleaseCohort_Capacity_IsNeverExceeded()
    {
        for (var i = 0; i < 5; i++)
        {
            await _product.Waiting($"seat{i}@example.com");
        }

        await _database.Execute("UPDATE rollout_plans SET capacity = 3");
        Assert.Equal(3, (await _product.Release(5)).Invited);
        Assert.IsType<NoCapacity>((await _product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, new ReleaseRequest(1), default))).Failure);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task ReleaseCohort_WithoutTheRole_IsRefused() =>
        Assert.IsType<NotAllowed>((await _product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Actor.Staff("2", "Support", [Role.Support]), new ReleaseRequest(1), default))).Failure);

    [Fact]
    public async Task RecallCohort_Undo_GivesEverybodyTheirOldPlaceAndSendsNothing()
    {
        var entry = await _product.Waiting("undone@example.com");
        var cohort = await _product.Release(1);
        Assert.Equal(1, (await Undo(cohort)).Must());
        Assert.Equal(0, (await Undo(cohort)).Must());
        Assert.Equal("waiting", await _product.StatusOf(entry));
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state = 'cancelled'"));
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM invite_codes WHERE status = 'revoked'"));
        Assert.Equal(2, (await _product.Release(1)).Number);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RecallCohort_UndoAfterTheWindow_IsClosedAndChangesNothing()
    {
        var entry = await _product.Waiting("toolate@example.com");
        var cohort = await _product.Release(1);
        await _database.Execute("UPDATE cohorts SET undo_until = now() - interval '1 second'");
        Assert.IsType<UndoClosed>((await Undo(cohort)).Failure);
        Assert.Equal("invited", await _product.StatusOf(entry));
        Assert.Equal(1, (await _product.Do<RecallCohort, Outcome<int>>(r => r.Recall(Product.Owner, cohort.Id, "A bug.", default))).Must());
        Assert.Equal("waiting", await _product.StatusOf(entry));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RecallCohort_PeopleWhoSignedUp_StayMembers()
    {
        var stays = await _product.Waiting("stays@example.com");
        var returns = await _product.Waiting("returns@example.com");
        var cohort = await _product.Release(2);
        (await _product.Redeem(await _product.CodeOf(stays), "stays@example.com")).Must();
        Assert.Equal(1, (await _product.Do<RecallCohort, Outcome<int>>(r => r.Recall(Product.Owner, cohort.Id, null, default))).Must());
        Assert.Equal(("registered", "waiting"), (await _product.StatusOf(stays), await _product.StatusOf(returns)));
        Assert.Empty(await _product.Violations());
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<Outcome<ReleasePreview>> Preview(ReleaseRequest request) => _product.Do<ReleaseCohort, Outcome<ReleasePreview>>(r => r.Preview(Product.Owner, request, default));

    private Task<Outcome<int>> Undo(CohortFacts cohort) => _product.Do<RecallCohort, Outcome<int>>(r => r.Undo(Product.Owner, cohort.Id, default));
}
