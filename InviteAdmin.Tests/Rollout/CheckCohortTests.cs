using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Rollout;

/// <summary>The order of a release, made again from the ledger long after points have changed; and the recall of a stage.</summary>
public sealed class CheckCohortTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private readonly Product _product = new(database, ("Rollout:UndoSeconds", "0"));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _product.DisposeAsync();

    [Fact]
    public async Task Check_PointsChangedSince_StillFollowsFromTheLedgerAndFindsWhatWasChanged()
    {
        var ann = await _product.Waiting("ann@example.com");
        await _product.Waiting("ben@example.com");
        for (var i = 0; i < 3; i++) await _product.Waiting($"friend{i}@example.com", ann.ReferralToken);
        var cohort = await _product.Release(3);
        // What comes later does not count.
        await _product.Waiting("late@example.com", ann.ReferralToken);
        var people = await _product.One<CohortQueries>().People(cohort.Id, 0, 10, default);
        Assert.Equal("15 points: brought 3 people.", people[0].Why);
        Assert.Equal("10 points: came through a friend's link.", people[1].Why);

        Assert.True(await Check(cohort) is { Holds: true, People: 3 });
        await database.Execute("UPDATE points_ledger SET points = points + 1 WHERE id = (SELECT min(id) FROM points_ledger)");
        Assert.True(await Check(cohort) is { Holds: false, Points: 1, SameList: false });
        await database.Execute("UPDATE points_ledger SET points = points - 1 WHERE id = (SELECT min(id) FROM points_ledger)");
        await database.Execute("UPDATE cohort_entries SET rank = rank + 10 WHERE rank = 1");
        Assert.True(await Check(cohort) is { Holds: false, Points: 0, Order: 1, SameList: false });
        await database.Execute("UPDATE cohort_entries SET rank = rank - 10 WHERE rank = 11");
        Assert.True((await Check(cohort)).Holds);
    }

    /// <summary>Joins, confirmations and staff give points while people are released from the top.</summary>
    [Fact]
    public async Task Check_ReleasesWhilePointsMove_EveryCohortFollowsFromTheLedger_n30()
    {
        var referrers = new List<InviteAdmin.Waitlist.EntryFacts>();
        for (var i = 0; i < 60; i++) referrers.Add(await _product.Waiting($"top{i}@example.com"));
        var over = false;
        var joining = Race.Of(4, async caller =>
        {
            for (var n = 0; !over; n++) await _product.Waiting($"moving{caller}-{n}@example.com", referrers[Random.Shared.Next(referrers.Count)].ReferralToken);
            return true;
        });
        var cohorts = new List<CohortFacts>();
        for (var i = 0; i < 30; i++) cohorts.Add(await _product.Release(2));
        over = true;
        await joining;
        foreach (var cohort in cohorts) Assert.True((await Check(cohort)).Holds, $"cohort {cohort.Number}");
    }

    [Fact]
    public async Task RecallStage_SaysBeforeWhatItDoesAndDoesThat()
    {
        await database.Execute("UPDATE rollout_plans SET state = 'running', send_at = '00:00', batch_size = 4");
        for (var i = 0; i < 6; i++) await _product.Waiting($"stage{i}@example.com");
        var decided = (await _product.Do<RunPlan, Outcome<PlanDecision>>(p => p.Run(Access.Actor.System, default))).Must();
        var code = await database.Scalar<string>($"SELECT k.shown FROM invite_codes k JOIN cohorts c ON c.id = k.cohort_id WHERE c.public_id = '{decided.Cohort!.Id}' LIMIT 1");
        Assert.True((await _product.Redeem(code, "member@member.example", verified: true)).Succeeded);

        var queries = _product.One<CohortQueries>();
        Assert.Equal(new RecallPreview(3, 3, 1), await queries.RecallOfStage(1, default));
        Assert.Equal(3, (await _product.Do<RecallCohort, Outcome<int>>(r => r.RecallStage(Product.Owner, 1, "Too early.", default))).Must());
        Assert.Equal(new RecallPreview(0, 0, 0), await queries.RecallOfStage(1, default));
        Assert.Equal(0, (await _product.Do<RecallCohort, Outcome<int>>(r => r.RecallStage(Product.Owner, 1, null, default))).Must());
        Assert.Empty(await _product.Violations());
    }

    private async Task<CohortCheckReport> Check(CohortFacts cohort) => (await _product.One<CheckCohort>().One(cohort.Id, default))!;
}
