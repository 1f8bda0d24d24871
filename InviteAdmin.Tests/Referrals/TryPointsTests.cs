using InviteAdmin.Data;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Referrals;

/// <summary>What other points would change: said before, it is what counting again then gives.</summary>
public sealed class TryPointsTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
    }

    [Fact]
    public async Task Trial_OfRandomLaunches_IsWhatCountingAgainThenGives_n12()
    {
        const int Rounds = 12;
        var seed = Environment.TickCount & 0xFFFF;
        output.WriteLine($"seed {seed}, n = {Rounds}");
        var random = new Random(seed);
        var people = new List<EntryFacts>();
        var changed = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await Live(random, round, people);
            var wanted = new PointValues(random.Next(0, 40), random.Next(0, 40));
            var before = await Next();
            var untouched = await Fingerprint();

            var trial = await Try(new(wanted.ArrivedPoints, wanted.BroughtPoints));

            Assert.Equal(untouched, await Fingerprint());
            Assert.Equal(before, trial.Now.Select(p => (p.EntryId, p.RankNow, p.PointsNow)));
            await Count(wanted);
            Assert.Equal(await Next(), trial.Then.Select(p => (p.EntryId, p.RankThen, p.PointsThen)));
            changed += trial.Then.Count(p => p.Changes);
            Assert.Equal(trial.Then.Select(p => p.EntryId).Except(trial.Now.Select(p => p.EntryId)), trial.Then.Where(p => p.Changes).Select(p => p.EntryId));
            Assert.Equal(trial.Now.Select(p => p.EntryId).Except(trial.Then.Select(p => p.EntryId)), trial.Now.Where(p => p.Changes).Select(p => p.EntryId));
            // Counted again, the same points change nothing.
            var again = await Try(new(wanted.ArrivedPoints, wanted.BroughtPoints));
            Assert.Equal(0, again.Moving);
            Assert.Equal(again.Now.Select(p => p.EntryId), again.Then.Select(p => p.EntryId));
        }

        Assert.True(changed > 0, $"Nobody ever entered the next {TryPoints.Next}.");
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Trial_OfMorePointsForBringing_SaysWhoEntersWhoDropsOutAndWhy()
    {
        var ann = await _product.Waiting("ann@example.com");
        await _database.Execute($"""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, points, referral_token, status_token, confirmed_at)
            SELECT 'wl_' || i, i || '@example.com', i || '@example.com', 'Person ' || i, 'waiting', 20, 'r' || i, 's' || i, now() FROM generate_series(1, 150) i;
            INSERT INTO points_ledger (entry_id, kind, cause, points) SELECT e.id, 'source', 'source:' || s.id, 20 FROM waitlist_entries e, sources s WHERE s.name = 'Product Hunt' AND email <> 'ann@example.com';
            UPDATE waitlist_entries SET source_id = (SELECT id FROM sources WHERE name = 'Product Hunt') WHERE email <> 'ann@example.com'
            """);
        for (var i = 0; i < 3; i++) await _product.Waiting($"friend{i}@example.com", ann.ReferralToken);

        var trial = await Try(new(10, 10));

        var enters = Assert.Single(trial.Then, p => p.Changes);
        Assert.Equal((ann.Id, 151L, 1L, 15, 30), (enters.EntryId, enters.RankNow, enters.RankThen, enters.PointsNow, enters.PointsThen));
        Assert.Equal("brought 3 people: 3 × 5 → 3 × 10 points; rank 151 → 1", enters.Why);
        var leaves = Assert.Single(trial.Now, p => p.Changes);
        Assert.Equal(("wl_100", "stays at 20 points; rank 100 → 101"), (leaves.EntryId, leaves.Why));
        Assert.Equal("1-100: 1, 101-1000: 1, 1001-10000: 0, 10001-: 0", string.Join(", ", trial.Groups.Select(g => $"{g.From}-{g.To}: {g.Entering}")));

        // A source's points are tried the same way, and credits of before a change are named.
        await _product.Do<ChangeSource, Outcome<bool>>(async s => await s.Edit(Product.Owner, await Source(), "Product Hunt", 4, await _database.Scalar<uint>("SELECT xmin FROM sources WHERE name = 'Product Hunt'"), default));
        Assert.Equal("credited by earlier rules: −16 points when counted again; rank 1 → 5", (await Try(new(10, 5))).Now[0].Why);
        var tried = await Try(new(10, 5, new Dictionary<long, int> { [await Source()] = 11 }));
        Assert.Equal((11, "came from Product Hunt: 4 → 11 points, credited by earlier rules: −16 points when counted again; rank 1 → 2"), (tried.Now[0].PointsThen, tried.Now[0].Why));
    }

    [Fact]
    public async Task Trial_OfNobodyOrNonsense_IsEmptyOrRefused()
    {
        var trial = await Try(new(1, 1));
        Assert.Empty(trial.Now);
        Assert.Equal(0, trial.Moving);
        var failure = Assert.IsType<Invalid>((await _product.One<TryPoints>().One(Product.Owner, new(-1, 20_000, new Dictionary<long, int> { [1] = -4 }), default)).Failure);
        Assert.Equal(["arrivedPoints", "broughtPoints", "sourcePoints"], failure.Fields.Keys.Order());
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Some people join, some through others or from a source; staff give and take points, hold and invite; sources give other points.</summary>
    private async Task Live(Random random, int round, List<EntryFacts> people)
    {
        for (var i = 0; i < 30; i++)
        {
            var friend = people.Count > 0 && random.Next(3) > 0 ? people[random.Next(random.Next(2) == 0 ? Math.Min(5, people.Count) : people.Count)].ReferralToken : null;
            people.Add(await _product.Waiting($"p{round}-{i}@example.com", friend, random.Next(5) switch { 0 => "Product Hunt", 1 => "Twitter", _ => null }));
        }

        for (var i = 0; i < 4; i++)
        {
            var (entry, key) = (people[random.Next(people.Count)], $"{round}-{i}");
            var given = await _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.One(Product.Owner, entry.Id, random.Next(1, 30), "A test.", key, default));
            if (given.Value is { } row && i == 0) await _product.Do<ChangePoints, Outcome<ChangedPoints>>(c => c.TakeBack(Product.Owner, entry.Id, row.LedgerId, null, default));
        }

        await _product.Do<ExcludeEntry, Outcome<EntryFacts>>(x => x.Exclude(Product.Owner, people[random.Next(people.Count)].Id, "A test.", default));
        if (round % 3 == 1) await _product.Release(5);
        if (round % 3 == 2) await _database.Execute($"UPDATE sources SET points = {random.Next(0, 30)}, retired_at = {(random.Next(3) == 0 ? "now()" : "NULL")} WHERE name = 'Twitter'");
        if (random.Next(2) == 0)
        {
            var version = (await Rules()).Version;
            (await _product.Do<ChangePointRules, Outcome<PointRuleFacts>>(x => x.Save(Product.Owner, new(random.Next(0, 20), random.Next(0, 20)), false, version, default))).Must();
        }
    }

    private async Task<PointsTrial> Try(PointsProposal proposal) => (await _product.One<TryPoints>().One(Product.Owner, proposal, default)).Must();

    private async Task Count(PointValues wanted)
    {
        var version = (await Rules()).Version;
        (await _product.Do<ChangePointRules, Outcome<PointRuleFacts>>(x => x.Save(Product.Owner, wanted, true, version, default))).Must();
        Assert.True(await _product.One<OperationRunner>().Step(default));
    }

    private Task<PointRuleFacts> Rules() => _product.Do<ChangePointRules, PointRuleFacts>(x => x.Read(default));

    private Task<long> Source() => _database.Scalar<long>("SELECT id FROM sources WHERE name = 'Product Hunt'");

    private async Task<IEnumerable<(string, long?, int)>> Next()
    {
        var preview = (await _product.Do<ReleaseCohort, Outcome<ReleasePreview>>(r => r.Preview(Product.Owner, new ReleaseRequest(TryPoints.Next), default))).Must();
        return [.. preview.Invited.Select(p => (p.EntryId, (long?)p.Rank, p.Points))];
    }

    private Task<string> Fingerprint() => _database.Scalar<string>("SELECT (SELECT sum(hashtextextended(e::text, 0)) FROM waitlist_entries e) || ' ' || (SELECT sum(hashtextextended(l::text, 0)) FROM points_ledger l) || ' ' || (SELECT count(*) FROM audit_log)");
}
