using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Tests.Insights;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Referrals;

/// <summary>A forest that can be drawn on paper: ann brought ben, cid and (held) dot; ben brought eve, eve brought fay; gus brought hal.</summary>
public sealed class LeaderQueriesTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private const string Day = "2026-03-10T10:00:00";
    private readonly Product _product = new(database);
    private readonly InsightRows _rows = new(database);

    private LeaderQueries Leaders => new(database.Source);

    private ChainQueries Chains => new(database.Source);

    public async Task InitializeAsync()
    {
        if (await database.Scalar<long>("SELECT count(*) FROM members") > 0) return;
        var ids = new Dictionary<string, long>();
        foreach (var (name, credited) in ((string, int)[])[("ann", 2), ("ben", 1), ("cid", 0), ("dot", 0), ("eve", 1), ("fay", 0), ("gus", 1), ("hal_100%", 0)])
        {
            ids[name] = await _rows.Member(Day, credited: credited);
            await database.Execute($"UPDATE members SET public_id = 'usr_{name[..3]}', name = '{name}', email = '{name}@example.com', canonical_email = '{name}@example.com' WHERE id = {ids[name]}");
        }

        foreach (var (by, whom, status) in ((string, string, string)[])[("ann", "ben", "credited"), ("ann", "cid", "credited"), ("ann", "dot", "held"), ("ben", "eve", "credited"), ("eve", "fay", "credited"), ("gus", "hal_100%", "credited")])
            await _rows.Referral(ids[by], ids[whom], Day, status);
        await database.Execute($"INSERT INTO invite_codes (code, shown, kind, owner_member_id, used_count) SELECT new_code(), 'x', 'personal', {ids["ann"]}, i % 2 FROM generate_series(1, 4) i");
        await InsightRows.Count(_product);
    }

    public async Task DisposeAsync() => await _product.DisposeAsync();

    [Fact]
    public async Task Page_ByCredited_CountsEveryColumn()
    {
        var page = await Leaders.Page(new(), LeaderSort.Credited, 1, default);

        Assert.Equal(["ann", "ben", "eve", "gus"], page.Rows.Select(r => r.Name));
        Assert.Equal((4, false), (page.Total, page.More));
        Assert.NotNull(page.CountedAt);
        Assert.Equal((2, 1, 4, 3, 4, 2), (page.Rows[0].Credited, page.Rows[0].Held, page.Rows[0].Downstream, page.Rows[0].Depth, page.Rows[0].Given, page.Rows[0].Used));
        Assert.Equal((2, 2), (page.Rows[1].Downstream, page.Rows[1].Depth));
    }

    [Fact]
    public async Task Page_OtherOrders_ListThoseWhoHaveWhatIsOrderedBy()
    {
        Assert.Equal(["ann", "ben", "eve", "gus"], (await Leaders.Page(new(), LeaderSort.Downstream, 1, default)).Rows.Select(r => r.Name));
        Assert.Equal(["ann"], (await Leaders.Page(new(), LeaderSort.Held, 1, default)).Rows.Select(r => r.Name));
    }

    [Theory]
    [InlineData("AN", null, null, 1)]
    [InlineData("ann@example.com", null, null, 1)]
    [InlineData("%", null, null, 0)]
    [InlineData("a\u202Eb", null, null, 0)]
    [InlineData("'; DROP TABLE members; --", null, null, 0)]
    [InlineData(null, "vip", null, 0)]
    [InlineData(null, "standard", null, 4)]
    [InlineData(null, null, true, 0)]
    [InlineData(null, null, false, 4)]
    public async Task Page_Filtered_FindsAndTheFileHasTheSame(string? search, string? tier, bool? rewarded, int found)
    {
        var filter = new LeaderFilter(search, tier, rewarded);

        Assert.Equal(found, (await Leaders.Page(filter, LeaderSort.Credited, 1, default)).Rows.Count);
        var streamed = 0;
        await foreach (var _ in Leaders.All(filter, LeaderSort.Credited, default)) streamed++;
        Assert.Equal(found, streamed);
    }

    [Fact]
    public async Task Page_PastTheEnd_IsEmpty() => Assert.Empty((await Leaders.Page(new(), LeaderSort.Credited, int.MaxValue, default)).Rows);

    [Fact]
    public async Task Rewarded_IsSeenInTheRowsAndInTheChain()
    {
        (await _product.Do<RewardMember, Outcome<RewardGiven>>(r => r.One(Product.Owner, "usr_gus", "Brought hal.", default))).Must();

        var row = Assert.Single((await Leaders.Page(new(Rewarded: true), LeaderSort.Credited, 1, default)).Rows);

        Assert.Equal(("gus", "vip", false), (row.Name, row.Tier, row.RewardIsUsed));
        Assert.Equal(("Brought hal.", 25, 0), ((await Chains.Head("usr_gus", default))!.Reward is { } reward ? (reward.Reason, reward.Codes, reward.Used) : default));
        (await _product.Do<UndoReward, Outcome<int>>(u => u.One(Product.Owner, "usr_gus", default))).Must();
        Assert.Null((await Chains.Head("usr_gus", default))!.Reward);
    }

    [Fact]
    public async Task Milestones_AreListedWithWhoReachedThem()
    {
        await database.Execute("INSERT INTO reward_grants (member_id, threshold, codes, reason) SELECT id, 50, 3, 'milestone' FROM members WHERE name = 'cid'");

        Assert.Equal([(3, 0L), (5, 0L), (10, 0L), (25, 0L), (50, 1L)], (await _product.One<MilestoneQueries>().All(default)).Select(m => (m.Threshold, m.Granted)));
        Assert.Equal("cid", Assert.Single((await Leaders.Reached(50, 1, default)).Rows).Name);
        Assert.Empty((await Leaders.Reached(4711, 1, default)).Rows);
    }

    [Fact]
    public async Task Chain_PathChildrenDrawingAndDepths_AreThoseOnPaper()
    {
        Assert.Equal(["ann", "ben", "eve"], (await Chains.Path("usr_fay", default)).Select(s => s.Name));
        var level = await Chains.Below("usr_ann", 0, default);
        Assert.Equal([("ben", "credited", 1L, 2), ("cid", "credited", 0L, 0), ("dot", "held", 0L, 0)], level.Children.Select(c => (c.Name, c.Status, c.Below, c.Downstream)));
        Assert.Equal(3, level.Total);
        Assert.Empty((await Chains.Below("usr_ann", level.Children[^1].Key, default)).Children);
        var drawing = await Chains.Nearest("usr_ann", default);
        Assert.Equal([("ann", 0, -1), ("ben", 1, 0), ("cid", 1, 0), ("eve", 2, 1), ("fay", 3, 3)], drawing.Nodes.Select(n => (n.Name, n.Depth, n.Parent)));
        Assert.False(drawing.Truncated);
        Assert.Equal([new(1, 2), new(2, 1), new DepthCount(3, 1)], (await Chains.Depths("usr_ann", default)).Levels);
        Assert.Null(await Chains.Head("usr_nobody", default));
        Assert.Empty((await Chains.Below("usr_nobody", 0, default)).Children);
    }
}
