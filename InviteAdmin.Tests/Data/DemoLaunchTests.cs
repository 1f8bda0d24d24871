using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Data;

public sealed class DemoLaunchTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncDisposable
{
    private readonly Product _product = new(database);

    [Fact]
    public async Task DemoLaunch_LoadedThenRemoved_HoldsAllInvariantsAndLeavesNothing()
    {
        Assert.Equal(10_000, (await Load()).Must());
        Assert.Empty(await _product.Violations());
        Assert.Equal(12, await database.Scalar<long>("SELECT count(*) FROM cohorts WHERE invited = 100"));
        Assert.Equal(47, await database.Scalar<int>("SELECT max(credited_referrals) FROM members"));
        const string organic = "FROM invite_codes k JOIN waitlist_entries e ON e.id = k.entry_id JOIN cohorts c ON c.id = k.cohort_id WHERE e.source_id IS NULL AND e.referred_by_id IS NULL AND c.number <= 9";
        Assert.True(await database.Scalar<long>($"SELECT count(*) {organic}") >= 50);
        Assert.InRange(await database.Scalar<decimal>($"SELECT avg((k.used_count > 0)::int) {organic}"), 0.68m, 0.88m);
        // People brought, by a followed link or a personal code, for every member.
        Assert.InRange(await database.Scalar<decimal>(
            "SELECT ((SELECT count(*) FROM waitlist_entries WHERE referred_by_id IS NOT NULL AND confirmed_at IS NOT NULL) + (SELECT count(*) FROM referrals WHERE code_id IS NOT NULL))::numeric / (SELECT count(*) FROM members)"), 1.1m, 1.5m);
        foreach (var state in (string[])["sent", "dead", "pending", "cancelled", "suppressed"])
        {
            Assert.True(await database.Scalar<long>($"SELECT count(*) FROM outbox WHERE state = '{state}'") > 0, state);
        }

        Assert.IsType<ListNotEmpty>((await Load()).Failure);
        var real = await _product.Waiting("real@example.org", referral: await database.Scalar<string>("SELECT referral_token FROM waitlist_entries ORDER BY id LIMIT 1"));
        Assert.Equal(10_000, (await _product.Do<DemoLaunch, Outcome<int>>(d => d.Remove(Product.Owner, default))).Must());
        Assert.Equal(real.Id, await database.Scalar<string>("SELECT string_agg(public_id, ',') FROM waitlist_entries"));
        Assert.Equal(0, await database.Scalar<long>("SELECT (SELECT count(*) FROM members) + (SELECT count(*) FROM invite_codes) + (SELECT count(*) FROM cohorts) + (SELECT count(*) FROM outbox)"));
        Assert.Empty(await _product.Violations());
    }

    public ValueTask DisposeAsync() => _product.DisposeAsync();

    private Task<Outcome<int>> Load() => _product.Do<DemoLaunch, Outcome<int>>(d => d.Load(Product.Owner, default));
}
