using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Insights;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Insights;

/// <summary>The kept counts against a plain count of everything, after a history that nobody planned.</summary>
public sealed class RefreshInsightsTests(FreshDatabase database, ITestOutputHelper output) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    // Written for this test, by the sentences of the definitions and not by the product's statements.
    private static readonly (string Kept, string Plain)[] Counts =
    [
        ("SELECT slot, source_id, joined, confirmed, invited, registered, brought FROM insight_joined",
            """
            SELECT floor(extract(epoch FROM joined_at) / 900)::bigint, coalesce(source_id, 0), count(*)::int, sum((confirmed_at IS NOT NULL)::int)::int, sum((confirmed_at IS NOT NULL AND invited_at IS NOT NULL)::int)::int,
              sum((confirmed_at IS NOT NULL AND invited_at IS NOT NULL AND registered_at IS NOT NULL)::int)::int,
              sum((confirmed_at IS NOT NULL AND invited_at IS NOT NULL AND registered_at IS NOT NULL AND EXISTS (
                SELECT 1 FROM members m JOIN referrals r ON r.referrer_member_id = m.id AND r.status = 'credited' WHERE m.entry_id = e.id))::int)::int FROM waitlist_entries e GROUP BY 1, 2
            """),
        ("SELECT slot, hours, registered FROM insight_invited",
            "SELECT floor(extract(epoch FROM invited_at) / 900)::bigint, least(720, floor(extract(epoch FROM registered_at - invited_at) / 3600)::int), count(*)::int FROM waitlist_entries WHERE registered_at >= invited_at GROUP BY 1, 2"),
        ("SELECT slot, sum(members), sum(brought_someone), sum(brought_soon) FROM insight_registered GROUP BY 1",
            """
            SELECT floor(extract(epoch FROM registered_at) / 900)::bigint, count(*), sum((EXISTS (SELECT 1 FROM referrals r WHERE r.referrer_member_id = m.id AND r.status = 'credited'))::int),
              sum((SELECT count(*) FROM referrals r WHERE r.referrer_member_id = m.id AND r.status = 'credited' AND r.created_at < m.registered_at + interval '28 days')) FROM members m GROUP BY 1
            """),
        ("SELECT cohort_id, sum(registered) FROM insight_cohorts GROUP BY 1", "SELECT k.cohort_id, count(*) FROM redemptions d JOIN invite_codes k ON k.id = d.code_id WHERE k.cohort_id IS NOT NULL GROUP BY 1"),
        ("SELECT member_id, downstream, depth, held, given, used FROM referrer_counts WHERE downstream > 0 OR held > 0",
            """
            WITH RECURSIVE down AS (
              SELECT referrer_member_id AS root, referred_member_id AS id, 1 AS depth FROM referrals WHERE status = 'credited'
              UNION ALL SELECT d.root, r.referred_member_id, d.depth + 1 FROM down d JOIN referrals r ON r.referrer_member_id = d.id AND r.status = 'credited')
            SELECT * FROM (SELECT m.id, (SELECT count(*) FROM down d WHERE d.root = m.id)::int AS below, coalesce((SELECT max(depth) FROM down d WHERE d.root = m.id), 0) AS depth,
              (SELECT count(*) FROM referrals r WHERE r.referrer_member_id = m.id AND r.status = 'held')::int AS held,
              (SELECT count(*) FROM invite_codes c WHERE c.owner_member_id = m.id AND c.kind = 'personal')::int, (SELECT count(*) FROM invite_codes c WHERE c.owner_member_id = m.id AND c.kind = 'personal' AND c.used_count > 0)::int
              FROM members m) x WHERE below > 0 OR held > 0
            """),
    ];

    private readonly Product _product = new(database, ("Rollout:UndoSeconds", "0"));
    private int _people;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _product.DisposeAsync();

    [Fact]
    public async Task Counts_AfterARandomHistory_EqualAPlainCount()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed = {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 12; round++)
        {
            for (var step = 0; step < 12; step++) await Step(random);
            await InsightRows.Count(_product);
            await AreRight($"round {round} of seed {seed}");
        }

        // And counted whole, they are the same again.
        await Execute("INSERT INTO insight_changes VALUES ('whole', 0)");
        await InsightRows.Count(_product);
        await AreRight($"whole of seed {seed}");
    }

    [Fact]
    public async Task Refresh_NothingChanged_CountsNothingAndSaysUpToWhen()
    {
        await InsightRows.Count(_product);
        var before = await database.Scalar<DateTime>("SELECT counted_at FROM insight_state");

        var report = (await _product.Do<RefreshInsights, Outcome<InsightReport>>(r => r.Run(Actor.System, default))).Must();

        Assert.Equal((0L, false), (report.Changes, report.Whole));
        Assert.True(await database.Scalar<DateTime>("SELECT counted_at FROM insight_state") > before);
    }

    [Fact]
    public async Task Refresh_WhileAnotherCounts_GoesAwayAtOnce()
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.Execute("SELECT pg_advisory_xact_lock($1)", default, 0x494E5349L);

        Assert.True((await _product.Do<RefreshInsights, Outcome<InsightReport>>(r => r.Run(Actor.System, default))).Must().Skipped is not null);
    }

    [Theory]
    [InlineData(80, true)]
    [InlineData(101, false)]
    public async Task RefreshWhenRested_AfterACountOfTenSeconds_WaitsNinetyMore(int seconds, bool rests)
    {
        await database.Execute($"UPDATE insight_state SET counted_at = now() - interval '{seconds} seconds', milliseconds = 10000");

        var report = (await _product.Do<RefreshInsights, Outcome<InsightReport>>(r => r.RunWhenRested(Actor.System, default))).Must();

        Assert.Equal(rests, report.Skipped is not null);
    }

    [Fact]
    public async Task Refresh_WithoutTheRight_IsRefused() =>
        Assert.IsType<NotAllowed>((await _product.Do<RefreshInsights, Outcome<InsightReport>>(r => r.Run(Actor.Staff("9", "Sam", [Role.Viewer]), default))).Failure);

    private async Task Step(Random random)
    {
        switch (random.Next(10))
        {
            case 0 or 1 or 2:
                var link = await Any<string>("SELECT referral_token FROM waitlist_entries ORDER BY random() LIMIT 1");
                await _product.Waiting($"p{++_people}@example.com", random.Next(2) == 0 ? link : null, random.Next(3) == 0 ? "Twitter" : null);
                // Not all on one day: the past is what a count by days goes wrong about.
                await Execute("UPDATE waitlist_entries SET joined_at = joined_at - random() * interval '3 days', confirmed_at = confirmed_at WHERE id = (SELECT max(id) FROM waitlist_entries)");
                break;
            case 3:
                await _product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, new ReleaseRequest(random.Next(1, 4)), default));
                break;
            case 4 or 5:
                if (await Any<string>("SELECT c.shown || ' ' || e.email FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id WHERE c.kind = 'waitlist' AND c.status = 'active' AND c.used_count = 0 AND c.lapsed_at IS NULL ORDER BY random() LIMIT 1") is { } invited)
                    await _product.Redeem(invited.Split(' ')[0], invited.Split(' ')[1], true);
                break;
            case 6:
                if (await Any<string>("SELECT shown FROM invite_codes WHERE kind = 'personal' AND status = 'active' AND used_count = 0 ORDER BY random() LIMIT 1") is { } personal)
                    await _product.Redeem(personal, $"f{++_people}@example.com");
                break;
            case 7:
                if (await Any<string>("SELECT public_id FROM cohorts WHERE state = 'released' ORDER BY random() LIMIT 1") is { } cohort)
                    await _product.Do<RecallCohort, Outcome<int>>(r => r.Recall(Product.Owner, cohort, "A test.", default));
                break;
            case 8:
                // Held and credited again, as a review does; the counter with it.
                await Execute("""
                    WITH turned AS (UPDATE referrals SET status = CASE status WHEN 'credited' THEN 'held' ELSE 'credited' END WHERE id = (SELECT id FROM referrals ORDER BY random() LIMIT 1) RETURNING referrer_member_id, status)
                    UPDATE members m SET credited_referrals = credited_referrals + CASE t.status WHEN 'credited' THEN 1 ELSE -1 END FROM turned t WHERE m.id = t.referrer_member_id
                    """);
                break;
            default:
                // Somebody is erased who left nothing behind but their place.
                await Execute("""
                    CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT e.id FROM waitlist_entries e WHERE e.status = 'waiting' AND NOT EXISTS (SELECT 1 FROM waitlist_entries x WHERE x.referred_by_id = e.id)
                      AND NOT EXISTS (SELECT 1 FROM invite_codes c WHERE c.entry_id = e.id) AND NOT EXISTS (SELECT 1 FROM cohort_entries c WHERE c.entry_id = e.id) ORDER BY random() LIMIT 1;
                    DELETE FROM outbox WHERE entry_id IN (SELECT id FROM gone);
                    DELETE FROM points_ledger WHERE entry_id IN (SELECT id FROM gone);
                    DELETE FROM waitlist_entries WHERE id IN (SELECT id FROM gone);
                    """);
                if (await Any<string>("SELECT public_id FROM members ORDER BY random() LIMIT 1") is { } member)
                    await _product.Do<IssueCodes, Outcome<IReadOnlyList<GivenCode>>>(i => i.ToMember(Product.Owner, member, 1, default));
                break;
        }
    }

    private async Task AreRight(string when)
    {
        foreach (var (kept, plain) in Counts)
        {
            var wrong = await database.Scalar<long>($"SELECT (SELECT count(*) FROM (({kept}) EXCEPT ({plain})) x) + (SELECT count(*) FROM (({plain}) EXCEPT ({kept})) x)");
            Assert.True(wrong == 0, $"{when}: {wrong} rows differ in {kept}");
        }
    }

    private async Task<T?> Any<T>(string sql) where T : class
    {
        await using var command = database.Source.CreateCommand(sql);
        return await command.ExecuteScalarAsync() as T;
    }

    private async Task Execute(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.Execute(sql, default);
        await transaction.CommitAsync();
    }
}
