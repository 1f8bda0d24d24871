using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Referrals;

/// <summary>Counting everybody again: once each, to the end whoever dies on the way, and past no release.</summary>
[Collection(LoadCollection.Name)]
public sealed class CountPointsTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Count_OfEveryKindOfCredit_IsOneRowEachAndLeavesWhatStaffDid()
    {
        var ann = await _product.Waiting("ann@example.com");
        var ben = await _product.Waiting("ben@example.com", ann.ReferralToken, "Twitter");
        var cem = await _product.Waiting("cem@example.com", ann.ReferralToken);
        var given = (await Staff(ann, 7, "a")).Must();
        (await Staff(cem, -3, "b")).Must();
        (await _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.TakeBack(Product.Owner, ann.Id, given.LedgerId, null, default))).Must();
        await _product.Do<ChangeSource, Outcome<bool>>(async s => await s.Edit(Product.Owner, await Source("Twitter"), "Twitter", 8, await _database.Scalar<uint>("SELECT xmin FROM sources WHERE name = 'Twitter'"), default));

        await Count(new(12, 9));

        Assert.Equal((18, 20, 9), (await Points(ann), await Points(ben), await Points(cem)));
        Assert.Equal("+8,+5,+2", await _database.Scalar<string>("SELECT string_agg(to_char(points, 'FMSG999'), ',' ORDER BY entry_id) FROM points_ledger WHERE kind = 'rules' AND cause = 'rules:1'"));
        Assert.Equal("18 points: brought 2 people, counted again by new rules: +8.", await _product.One<EntryQueries>().WhyThisRank(ann.Id, default));
        var line = Assert.Single(await _product.One<StatusQueries>().Points(ben.Id, default), l => l.Kind == "rules");
        Assert.Equal((1L, 5L), (line.Count, line.Points));
        Assert.Contains(await Timeline(ben), e => e.What == "Points counted again by new rules: +5");

        // The same rules again change nothing; the first ones take everything back, and nobody has a row of nothing.
        await Count(new(12, 9));
        Assert.Equal(3, await Rows());
        await Count(new(10, 5));
        Assert.Equal((10, 18, 7), (await Points(ann), await Points(ben), await Points(cem)));
        Assert.Equal(6, await Rows());
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Count_CreditsOfNoPointsThen_AreFoundByLaterRules()
    {
        await Count(new(0, 0));
        var ann = await _product.Waiting("ann@example.com");
        var ben = await _product.Waiting("ben@example.com", ann.ReferralToken);
        Assert.Equal((0, 0), (await Points(ann), await Points(ben)));

        await Count(new(10, 5));

        Assert.Equal((5, 10), (await Points(ann), await Points(ben)));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Count_KilledHalfway_IsFinishedOnceByWhoeverTakesOver()
    {
        await Fill((2 * CountPoints.Piece) + 345);
        await Save(new(10, 6));
        using var folder = new ScratchFolder();
        var plan = Path.Combine(folder.Path, "plan");
        await File.WriteAllTextAsync(plan, $"CountPoints.{FaultPoints.AfterCommit} throw 2\n");
        FaultPoints.Arm(plan);
        try
        {
            var work = (await _product.One<Operations>().Claim(default))!;
            await Assert.ThrowsAsync<TimeoutException>(() => Run(_product, work));
        }
        finally
        {
            FaultPoints.Arm(null);
        }

        Assert.Equal(2 * CountPoints.Piece, await Rows());
        Assert.IsType<PointsBeingCounted>((await Release(_product)).Failure);
        await _database.Execute("UPDATE operations SET lease_until = now() - interval '1 second'");

        Assert.True(await _product.One<OperationRunner>().Step(default));

        Assert.Equal((2 * CountPoints.Piece) + 345, await Rows());
        Assert.Equal(0, await Wrong(10, 6));
        Assert.Equal("done 10345 10345", await _database.Scalar<string>("SELECT state || ' ' || done || ' ' || (report->>'changed') FROM operations"));
        (await Release(_product)).Must();
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Count_TakenOverWhileItRan_TheWokenOneWritesNothing()
    {
        await Fill(10);
        await Save(new(10, 6));
        var frozen = (await _product.One<Operations>().Claim(default))!;
        await _database.Execute("UPDATE operations SET process = 'other:1'");

        await Assert.ThrowsAsync<WorkTakenOver>(() => Run(_product, frozen));

        Assert.Equal(0, await Rows());
        Assert.IsType<PointsBeingCounted>((await Release(_product)).Failure);
    }

    [Fact]
    public async Task Count_CreditsUnderWayByTheOldRules_AreWaitedForAndCounted()
    {
        var ann = await _product.Waiting("ann@example.com");
        await using var connection = await _database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var row = new JoinRow(new("late@example.com", "late@example.com"), "Late", null, ann.ReferralToken, Verified: true, MayNameSource: true, JoinedAt: null) { EmailHash = [1] };
        await _product.One<JoinWrite>().Write(connection, [row], default);
        await Save(new(11, 6));

        var step = _product.One<OperationRunner>().Step(default);
        await WaitFor.True(async () => await _database.Scalar<long>("SELECT count(*) FROM operations WHERE state = 'running'") == 1);
        Assert.NotSame(step, await Task.WhenAny(step, Task.Delay(300)));
        await transaction.CommitAsync();

        Assert.True(await step);
        Assert.Equal(0, await Wrong(11, 6));
        Assert.Equal(6, await Points(ann));
        Assert.Equal(2, await Rows());
    }

    [Fact]
    public async Task Count_WhileTwoProcessesJoinPeople_NobodyIsMissedOrCountedTwice_n6()
    {
        await using var other = new Product(_database);
        var hubs = new[] { await _product.Waiting("hub0@example.com"), await _product.Waiting("hub1@example.com") };
        for (var round = 1; round <= 6; round++)
        {
            var (arrived, brought, at, over) = (10 + round, 5 + round, round, false);
            var joins = Race.Of(4, async n =>
            {
                for (var i = 0; !Volatile.Read(ref over) || i < 5; i++) await (n % 2 == 0 ? _product : other).Waiting($"r{at}-{n}-{i}@example.com", hubs[n / 2].ReferralToken, n == 1 ? "Product Hunt" : null);
                return true;
            });
            await Save(new(arrived, brought));
            Assert.True(await other.One<OperationRunner>().Step(default));
            Volatile.Write(ref over, true);
            await joins;
            Assert.Equal(0, await Wrong(arrived, brought));
        }

        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Release_RacingWithACount_TakesTheWholeOldOrderOrTheWholeNew_n12()
    {
        await using var other = new Product(_database);
        await Fill(600);
        for (var round = 1; round <= 12; round++)
        {
            var (brought, version) = (5 + round, (await Read()).Version);
            var releases = await Race.Of(3, async n => n switch
            {
                0 => (await _product.Do<ChangePointRules, Outcome<PointRuleFacts>>(x => x.Save(Product.Owner, new(10, brought), true, version, default))).Failure,
                1 => await ReleaseLater(other, round),
                _ => await Counted(other),
            });
            Assert.All(releases, f => Assert.True(f is null or PointsBeingCounted, f?.Detail));
            await Counted(_product);
        }

        // Everybody's points change with every count, so that those of a cohort have all its rows or none.
        Assert.Equal(0, await _database.Scalar<long>("""
            SELECT count(*) FROM (
              SELECT p.cohort_id FROM cohort_entries p CROSS JOIN LATERAL (SELECT count(*) AS n FROM points_ledger l WHERE l.entry_id = p.entry_id AND l.kind = 'rules' AND l.id <= p.ledger_id) r
              GROUP BY 1 HAVING min(r.n) <> max(r.n)) x
            """));
        Assert.InRange(await _database.Scalar<long>("SELECT count(*) FROM cohorts"), 1, 12);
        foreach (var cohort in await Task.WhenAll(Enumerable.Range(1, (int)await _database.Scalar<long>("SELECT count(*) FROM cohorts")).Select(n => _database.Scalar<string>($"SELECT public_id FROM cohorts WHERE number = {n}"))))
            Assert.True((await _product.One<CheckCohort>().One(cohort, default))!.Holds);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Batch_DueWhileCounting_WaitsAndGoesOutTheSameDay()
    {
        var time = new ManualTime(new(2027, 6, 7, 9, 0, 0, TimeSpan.Zero));
        await using var product = new Product(_database, time);
        var ann = await product.Waiting("ann@example.com");
        await product.Waiting("ben@example.com", ann.ReferralToken);
        await _database.Execute("UPDATE rollout_plans SET state = 'running', batch_size = 1, send_at = '09:00', zone = 'Etc/UTC'");
        await Save(new(10, 50));

        for (var i = 0; i < 3; i++) Assert.Equal("counting", (await Plan(product)).Outcome);
        Assert.IsType<PointsBeingCounted>((await product.Do<InvitePerson, Outcome<CohortFacts>>(x => x.One(Product.Owner, ann.Id, null, default))).Failure);
        Assert.IsType<PointsBeingCounted>((await product.Do<ChangeSource, Outcome<bool>>(async s => await s.Edit(Product.Owner, await Source("Twitter"), "Twitter", 8, await _database.Scalar<uint>("SELECT xmin FROM sources WHERE name = 'Twitter'"), default))).Failure);
        Assert.True(await product.One<OperationRunner>().Step(default));
        time.Now += TimeSpan.FromMinutes(1);

        Assert.Equal("released", (await Plan(product)).Outcome);
        Assert.Equal("invited", await product.StatusOf(ann));
        Assert.Equal("counting,released", await _database.Scalar<string>("SELECT string_agg(outcome, ',' ORDER BY id) FROM rollout_decisions"));
        Assert.Equal("true", await _database.Scalar<string>("SELECT inputs->'facts'->>'counting' FROM rollout_decisions WHERE outcome = 'counting'"));
    }

    [Fact]
    public async Task Count_MoreThanCanBeCounted_SaysSoAndCanBeCountedAgain()
    {
        var ann = await _product.Waiting("ann@example.com");
        await _product.Waiting("ben@example.com", ann.ReferralToken);
        await _database.Execute("INSERT INTO points_ledger (entry_id, kind, cause, points) SELECT id, 'staff', 'staff:x', 2147480000 FROM waitlist_entries WHERE email = 'ann@example.com'; UPDATE waitlist_entries SET points = points + 2147480000 WHERE email = 'ann@example.com'");

        await Count(new(10, 10_000));

        Assert.Equal("failed", await _database.Scalar<string>("SELECT state FROM operations"));
        Assert.StartsWith("By these rules somebody would have more points", (await Read()).Count!.Error, StringComparison.Ordinal);
        Assert.IsType<PointsBeingCounted>((await Release(_product)).Failure);
        await Count(new(10, 6));
        (await Release(_product)).Must();
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static Task<bool> Run(Product product, RunningOperation work) => product.Do<CountPoints, bool>(async c =>
    {
        await c.Run(work, default);
        return true;
    });

    private static Task<Outcome<CohortFacts>> Release(Product product, int count = 1) => product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, new ReleaseRequest(count), default));

    private static async Task<Failure?> ReleaseLater(Product product, int round)
    {
        await Task.Delay(round % 4 * 4);
        return (await Release(product, 20)).Failure;
    }

    private static async Task<Failure?> Counted(Product product)
    {
        while (await product.One<OperationRunner>().Step(default))
        {
        }

        return null;
    }

    private static async Task<PlanDecision> Plan(Product product) => (await product.Do<RunPlan, Outcome<PlanDecision>>(b => b.Run(Access.Actor.System, default))).Must();

    private Task<PointRuleFacts> Read() => _product.Do<ChangePointRules, PointRuleFacts>(x => x.Read(default));

    private async Task Save(PointValues wanted)
    {
        var version = (await Read()).Version;
        (await _product.Do<ChangePointRules, Outcome<PointRuleFacts>>(x => x.Save(Product.Owner, wanted, true, version, default))).Must();
    }

    private async Task Count(PointValues wanted)
    {
        await Save(wanted);
        await Counted(_product);
    }

    private Task<Outcome<ChangedPoints>> Staff(EntryFacts entry, int points, string key) => _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.One(Product.Owner, entry.Id, points, "A test.", key, default));

    private async Task<IReadOnlyList<TimelineEvent>> Timeline(EntryFacts entry) => (await new TimelineQueries(_database.Source).Page(entry.Id, TimelineKind.Points, 1, default)).Rows;

    private Task<long> Source(string name) => _database.Scalar<long>($"SELECT id FROM sources WHERE name = '{name}'");

    private Task<long> Rows() => _database.Scalar<long>("SELECT count(*) FROM points_ledger WHERE kind = 'rules'");

    private Task<int> Points(EntryFacts entry) => _database.Scalar<int>($"SELECT points FROM waitlist_entries WHERE public_id = '{entry.Id}'");

    /// <summary>People who brought one person each who has left since, five points.</summary>
    private Task Fill(int people) => _database.Execute($"""
        INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, points, referral_token, status_token, confirmed_at, position)
        SELECT 'wl_' || i, i || '@example.com', i || '@example.com', 'Ann Example', 'waiting', 5, 'r' || i, 's' || i, now(), nextval('waitlist_position') FROM generate_series(1, {people}) i;
        INSERT INTO points_ledger (entry_id, kind, cause, points) SELECT id, 'brought', 'entry:' || CASE WHEN row_number() OVER (ORDER BY id) = 1 THEN max(id) OVER () ELSE lag(id) OVER (ORDER BY id) END, 5 FROM waitlist_entries
        """);

    /// <summary>Entries whose points are not what their credits are worth and what staff gave.</summary>
    private Task<long> Wrong(int arrived, int brought) => _database.Scalar<long>($"""
        SELECT count(*) FROM waitlist_entries e CROSS JOIN LATERAL (
          SELECT coalesce(sum(CASE l.kind WHEN 'arrived' THEN {arrived} WHEN 'brought' THEN {brought} WHEN 'source' THEN s.points WHEN 'rules' THEN 0 ELSE l.points END), 0) AS worth,
            coalesce(sum(l.points), 0) AS counted FROM points_ledger l LEFT JOIN sources s ON l.cause = 'source:' || s.id WHERE l.entry_id = e.id) w
        WHERE e.status NOT IN ('registered', 'declined') AND (e.points <> w.worth OR e.points <> w.counted)
        """);
}
