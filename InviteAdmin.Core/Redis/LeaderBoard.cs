using StackExchange.Redis;

namespace InviteAdmin.Redis;

/// <summary>A member's place: credited referrals, and everybody below them in the chain (null when not known yet).</summary>
internal sealed record LeaderPlace(long MemberId, int Referrals, long? Downstream);

/// <summary>The first of the leaderboard out of Redis. <see cref="RankFollower"/> keeps it; who asks has SQL to fall back to.</summary>
public sealed class LeaderBoard(RedisServer redis, RedisKeys names)
{
    /// <summary>Of so many the number below them is kept; nobody can ask for more.</summary>
    internal const int Most = 200;

    /// <summary>The first places and the time they are of, at most five seconds ago; null while Redis is away or its set is not whole or too old.</summary>
    internal async Task<(IReadOnlyList<LeaderPlace> Places, DateTimeOffset AsOf)?> Top(int most, CancellationToken cancel)
    {
        var keys = await names.Of(FollowedSet.Leaders, cancel);
        var (answered, value) = await redis.Try(db => Ask(db, keys, most), cancel);
        return answered ? value : null;
    }

    private static async Task<(IReadOnlyList<LeaderPlace>, DateTimeOffset)?> Ask(IDatabase db, SetKeys keys, int most)
    {
        var whole = db.KeyExistsAsync(keys.Whole);
        var fresh = db.StringGetAsync(keys.Fresh);
        var top = db.SortedSetRangeByRankWithScoresAsync(keys.Set, 0, most - 1);
        await Task.WhenAll(whole, fresh, top);
        if (!await whole || RankBoard.Time(await fresh) is not { } asOf)
        {
            return null;
        }

        var places = await top;
        var below = places.Length == 0 ? [] : await db.HashGetAsync(keys.Downstream, [.. places.Select(p => p.Element)]);
        return ([.. places.Select((p, i) => new LeaderPlace((long)p.Element, FollowedSet.Points(p.Score, (long)p.Element), (long?)below[i]))], asOf);
    }
}
