using InviteAdmin.Data;
using InviteAdmin.Waitlist;
using Npgsql;
using StackExchange.Redis;

namespace InviteAdmin.Redis;

/// <summary>A rank among those waiting (null for anybody else) and how many wait, as they were at <c>AsOf</c>, at most five seconds ago.</summary>
public sealed record RankAnswer(long? Rank, long Waiting, DateTimeOffset AsOf);

/// <summary>
/// Answers ranks from a Redis sorted set, and from SQL while Redis is away or its set is not whole or too old. <see cref="RankFollower"/> keeps the set.
/// </summary>
public sealed class RankBoard(RedisServer redis, RedisKeys names, NpgsqlDataSource source)
{
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(1);

    // A count reads the whole list. Two at a time leave the database to those who join; whoever cannot wait is told no rank.
    private readonly SemaphoreSlim _counting = new(2);
    private RankAnswer? _last;

    public async ValueTask<RankAnswer> Of(EntryStatus status, int points, long position, CancellationToken cancel)
    {
        var keys = await names.Of(FollowedSet.Ranks, cancel);
        var (answered, value) = await redis.Try(db => Ask(db, keys, status, points, position), cancel);
        return answered && value is not null ? value : await FromSql(status, points, position, cancel);
    }

    /// <summary>The moment of which the live ranks tell; null when there are none, and ranks are counted in the database.</summary>
    public async ValueTask<DateTimeOffset?> FreshAsOf(CancellationToken cancel)
    {
        var keys = await names.Of(FollowedSet.Ranks, cancel);
        var (answered, fresh) = await redis.Try(db => db.StringGetAsync(keys.Fresh), cancel);
        return answered ? Time(fresh) : null;
    }

    internal async ValueTask<(string Set, string Whole)> Keys(CancellationToken cancel)
    {
        var keys = await names.Of(FollowedSet.Ranks, cancel);
        return (keys.Set, keys.Whole);
    }

    /// <summary>The time in <see cref="SetKeys.Fresh"/>.</summary>
    internal static DateTimeOffset? Time(RedisValue fresh) => (long?)fresh is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

    private static async Task<RankAnswer?> Ask(IDatabase db, SetKeys keys, EntryStatus status, int points, long position)
    {
        var whole = db.KeyExistsAsync(keys.Whole);
        var fresh = db.StringGetAsync(keys.Fresh);
        var waiting = db.SortedSetLengthAsync(keys.Set);
        var ahead = db.SortedSetLengthAsync(keys.Set, double.NegativeInfinity, FollowedSet.Score(points, position), Exclude.Stop);
        await Task.WhenAll(whole, fresh, waiting, ahead);
        return await whole && Time(await fresh) is { } asOf ? new RankAnswer(status == EntryStatus.Waiting ? await ahead + 1 : null, await waiting, asOf) : null;
    }

    private async Task<RankAnswer> FromSql(EntryStatus status, int points, long position, CancellationToken cancel)
    {
        var last = _last;
        if (!await _counting.WaitAsync(last is null ? Timeout.InfiniteTimeSpan : MostWait, cancel))
        {
            return last! with { Rank = null };
        }

        try
        {
            return _last = await Count(status, points, position, cancel);
        }
        finally
        {
            _counting.Release();
        }
    }

    private async Task<RankAnswer> Count(EntryStatus status, int points, long position, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            """
            SELECT count(*) FILTER (WHERE points > $1 OR points = $1 AND position < $2), count(*), now() FROM waitlist_entries WHERE status = 'waiting'
            """,
            row => new RankAnswer(status == EntryStatus.Waiting ? row.GetInt64(0) + 1 : null, row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2)), cancel, points, position))[0];
    }
}
