using InviteAdmin.Redis;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Redis;

/// <summary>A rank comes from Redis while that is fresh, and from SQL as soon as nobody has followed for five seconds.</summary>
public sealed class RankBoardTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    [Fact]
    public async Task Of_NobodyFollows_IsOldForFiveSecondsAtMostAndThenRight()
    {
        await using var product = new Product(database);
        var ann = await product.Waiting("ann@example.com");
        while (await product.One<RankFollower>().Step(default) > 0) { }
        var board = product.One<RankBoard>();
        Assert.Equal(1, (await Ask()).Waiting);

        // The set does not know of Ben: at first the answer is old and says so, and then it is SQL's.
        await product.Waiting("ben@example.com");
        await WaitFor.True(async () =>
        {
            var asked = new DateTimeOffset(await database.Scalar<DateTime>("SELECT now()"));
            var answer = await Ask();
            Assert.True(asked - answer.AsOf <= TimeSpan.FromSeconds(5), $"{asked - answer.AsOf} old when asked.");
            return answer.Waiting == 2;
        });

        async Task<RankAnswer> Ask() => await board.Of(EntryStatus.Waiting, ann.Points, ann.Position, default);
    }
}
