using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Redis;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Waitlist;

public sealed class WaitlistQueriesTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private readonly Product _product = new(database);

    public async Task InitializeAsync()
    {
        if (await database.Scalar<long>("SELECT count(*) FROM waitlist_entries") > 0) return;
        for (var i = 1; i <= 3; i++) await _product.Waiting($"plain{i}@example.com");
        var ann = await _product.Waiting("ann_100%@example.com");
        await _product.Waiting("friend@example.com", referral: ann.ReferralToken);
    }

    public async Task DisposeAsync() => await _product.DisposeAsync();

    [Fact]
    public async Task Page_WaitingByRank_OrdersLikeTheQueueAndCounts()
    {
        var page = await Queries.Page(new(EntryStatus.Waiting), WaitlistSort.Rank, 1, default);

        Assert.Equal(["friend@example.com", "ann_100%@example.com", "plain1@example.com", "plain2@example.com", "plain3@example.com"], page.Rows.Select(r => r.Email));
        Assert.Equal([1, 2, 3, 4, 5], page.Rows.Select(r => r.Rank!.Value));
        Assert.Equal((5, false), (page.Total, page.More));
        Assert.Equal(1, page.Rows[1].Brought);
    }

    [Fact]
    public async Task Page_SearchedAndSortedOtherwise_StillNamesTheRankInTheWholeQueue()
    {
        var page = await Queries.Page(new(Search: "plain3"), WaitlistSort.Newest, 1, default);

        Assert.Equal(5, Assert.Single(page.Rows).Rank);
    }

    [Theory]
    [InlineData("ann_100%", 1)]
    [InlineData("_", 1)]
    [InlineData("%", 1)]
    [InlineData("ANN EXAMPLE", 5)]
    [InlineData("Plain1@Example.com", 1)]
    [InlineData("'; DROP TABLE waitlist_entries; --", 0)]
    public async Task Page_Search_TakesEveryCharacterAsItself(string search, int found) =>
        Assert.Equal(found, (await Queries.Page(new(Search: search), WaitlistSort.Newest, 1, default)).Rows.Count);

    [Fact]
    public async Task Page_PastTheEnd_IsEmpty() => Assert.Empty((await Queries.Page(new(), WaitlistSort.Newest, int.MaxValue, default)).Rows);

    [Fact]
    public async Task Person_ComesWithTheSentenceAndTheirLink()
    {
        var friend = (await Queries.Page(new(Search: "friend@example.com"), WaitlistSort.Newest, 1, default)).Rows[0];

        var person = await Queries.Person(friend.Id, default);

        Assert.Equal("10 points: came through a friend's link.", person!.Why);
        Assert.StartsWith("https://invite.example.com/waitlist?ref=", person.ReferralLink, StringComparison.Ordinal);
    }

    private WaitlistQueries Queries => new(database.Source, _product.One<RankBoard>(), _product.One<Links>(), new RecentCounts(TimeProvider.System));
}
