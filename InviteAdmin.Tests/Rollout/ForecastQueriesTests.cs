using InviteAdmin.Insights;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Rollout;

/// <summary>The facts of a forecast, read from a launch whose people can be counted by hand.</summary>
public sealed class ForecastQueriesTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
        // Ten days ago the first joined, and since then day n brought n people at noon; four of them through a friend's link or with points.
        await _database.Execute("""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, points, referral_token, status_token, joined_at, confirmed_at)
            SELECT 'wl_' || d || '_' || i, d || '_' || i || '@example.com', d || '_' || i || '@example.com', 'Ann', 'waiting', CASE WHEN d = 9 AND i <= 4 THEN 10 ELSE 0 END, 'r' || d || '_' || i, 's' || d || '_' || i, at, at
            FROM generate_series(0, 9) d, generate_series(1, greatest(d, 1)) i, LATERAL (SELECT (date_trunc('day', now() AT TIME ZONE 'Etc/UTC') - (10 - d) * interval '1 day' + interval '12 hours') AT TIME ZONE 'Etc/UTC' AS at) x
            """);
        await _database.Execute("UPDATE rollout_plans SET state = 'running', batch_size = 5, send_at = '00:00', zone = 'Etc/UTC', capacity = 1000, days = ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']");
    }

    [Fact]
    public async Task Facts_OfALaunch_AreTheOnesCountedByHand()
    {
        await _database.Execute("UPDATE waitlist_entries SET hold = 'review' WHERE public_id = 'wl_2_1'");
        await Count();
        var facts = await _product.One<ForecastQueries>().Facts(default);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], facts.Joins);
        Assert.Equal((45, 1, 0, 1_000L, false), (facts.Waiting, facts.OnHold, facts.Members, facts.Capacity, facts.SentToday));
        Assert.Equal((46, new OvertakingLevel(4, 0), new OvertakingLevel(46, 4)), (facts.Overtaking.Newcomers, facts.Overtaking.Levels[0], facts.Overtaking.Levels[1]));
        var stage = Assert.Single(facts.Stages);
        Assert.Equal(("Everyone", 5, null), (stage.Name, stage.BatchSize, stage.Batches));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0], facts.OtherMembers);
    }

    [Fact]
    public async Task Facts_AfterABatch_KnowItsPeopleAndSeats()
    {
        var cohort = await _product.Release(6);
        // As if the plan had sent it three days ago, and two of its people registered on its second day.
        await _database.Execute($"UPDATE cohorts SET plan_id = (SELECT id FROM rollout_plans WHERE is_current), local_date = (now() AT TIME ZONE 'Etc/UTC')::date - 3, created_at = now() - interval '3 days 1 hour' WHERE public_id = '{cohort.Id}'");
        await _database.Execute("UPDATE waitlist_entries SET invited_at = now() - interval '3 days' WHERE status = 'invited'");
        foreach (var n in (int[])[1, 2])
        {
            var code = await _database.Scalar<string>($"SELECT c.shown FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id WHERE e.public_id = 'wl_9_{n}'");
            Assert.Null((await _product.Redeem(code, $"9_{n}@example.com")).Failure);
        }

        await _database.Execute("UPDATE redemptions SET redeemed_at = now() - interval '2 days'");
        await _database.Execute("UPDATE members SET registered_at = now() - interval '2 days'");
        await _database.Execute("UPDATE waitlist_entries SET registered_at = now() - interval '2 days' WHERE status = 'registered'");
        await _database.Execute("INSERT INTO insight_changes VALUES ('whole', 0)");
        await Count();
        var facts = await _product.One<ForecastQueries>().Facts(default);
        var batch = Assert.Single(facts.Batches);
        Assert.Equal((facts.Today.AddDays(-3), 6L), (batch.Day, batch.Invited));
        Assert.Equal([0, 2], batch.RegisteredByAge);
        Assert.Equal([new OpenInvitations(facts.Today.AddDays(-3), 4, 0)], facts.Open);
        Assert.Equal((2, 40), (facts.Members, facts.Waiting));
        Assert.Equal([new AgeCount(6, 0), new AgeCount(6, 2), new AgeCount(4, 0), new AgeCount(0, 0)], facts.Conversion.Take(4));
        Assert.Equal(0, facts.OtherMembers.Sum());
    }

    [Fact]
    public async Task Current_AskedByManyAtOnce_IsOneForecast_AndARankIsNeverEarlierThanABetterOne()
    {
        await Count();
        var queries = _product.One<ForecastQueries>();
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => queries.Current(default)));
        Assert.Single(all.Distinct());
        var middles = new List<DateOnly>();
        for (var rank = 1; rank <= 46; rank++) middles.Add((await queries.ForRank(rank, default))!.Middle);
        Assert.Equal(middles.Order(), middles);
        queries.Forget();
        Assert.NotSame(all[0], await queries.Current(default));
    }

    [Fact]
    public async Task Facts_OfAStagedPlan_ReadItsStagesAndWhatItWaitsFor()
    {
        await _database.Execute("""
            UPDATE rollout_plans SET stage = 1, state = 'holding', waits_for = 'gate', held_since = now(), held_reason = 'Stage 2 held: too few.',
              stages = '[{"name":"Few","batchSize":2,"batches":3,"soakDays":1,"approval":"auto","gate":[]},{"name":"More","batchSize":9,"batches":null,"soakDays":0,"approval":"manual","gate":[{"metric":"conversion","atLeast":0.3,"minimumSample":20,"afterDays":3}]}]'
            """);
        await Count();
        var facts = await _product.One<ForecastQueries>().Facts(default);
        Assert.Equal((1, "gate", "More", null), (facts.Stage, facts.WaitsFor, facts.Stages[1].Name, facts.Stages[1].Batches));
        Assert.Equal(new ConversionCondition(0.3, 20, 3), Assert.Single(facts.Stages[1].Gate));
        Assert.Empty(facts.Batches);
    }

    private async Task Count() => Assert.Null((await _product.Do<RefreshInsights, Results.Outcome<InsightReport>>(r => r.Run(Product.Owner, default))).Failure);

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }
}
