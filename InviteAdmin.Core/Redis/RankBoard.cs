using InviteAdmin.Data;
using InviteAdmin.Waitlist;
using Npgsql;
using StackExchange.Redis;

namespace InviteAdmin.Redis;

/// <summary>A rank among those waiting (null for anybody else) and how many wait.</summary>
public sealed record RankAnswer(long? Rank, long Waiting);

/// <summary>
/// Answers ranks from a Redis sorted set whose score orders like the queue (points descending, position ascending), and from
/// SQL while Redis is away or its set is not whole. <see cref="RankFollower"/> keeps the set.
/// </summary>
public sealed class RankBoard(RedisServer redis, NpgsqlDataSource source)
{
    private string? _prefix;

    public async ValueTask<RankAnswer> Of(EntryStatus status, int points, long position, CancellationToken cancel)
    {
        var keys = await Keys(cancel);
        var (answered, value) = await redis.Try(db => Ask(db, keys, status, points, position), cancel);
        return answered && value is not null ? value : await FromSql(status, points, position, cancel);
    }

    /// <summary>Orders like the queue: whole numbers below 2^53, exact in a double, for points under a million and positions under 2^33.</summary>
    internal static double Score(int points, long position) => position - (points * (double)(1L << 33));

    /// <summary>Keys carry the installation's name, so that two installations can share a Redis.</summary>
    internal async ValueTask<(string Set, string Whole)> Keys(CancellationToken cancel)
    {
        if (_prefix is null)
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            _prefix = $"inviteadmin:{await connection.Scalar<string>("SELECT name FROM installation", cancel)}";
        }

        return ($"{_prefix}:rank", $"{_prefix}:rank:whole");
    }

    private static async Task<RankAnswer?> Ask(IDatabase db, (string Set, string Whole) keys, EntryStatus status, int points, long position)
    {
        var whole = db.KeyExistsAsync(keys.Whole);
        var waiting = db.SortedSetLengthAsync(keys.Set);
        var ahead = db.SortedSetLengthAsync(keys.Set, double.NegativeInfinity, Score(points, position), Exclude.Stop);
        await Task.WhenAll(whole, waiting, ahead);
        return await whole ? new RankAnswer(status == EntryStatus.Waiting ? await ahead + 1 : null, await waiting) : null;
    }

    private async Task<RankAnswer> FromSql(EntryStatus status, int points, long position, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            """
            SELECT count(*) FILTER (WHERE points > $1 OR points = $1 AND position < $2), count(*) FROM waitlist_entries WHERE status = 'waiting'
            """,
            row => new RankAnswer(status == EntryStatus.Waiting ? row.GetInt64(0) + 1 : null, row.GetInt64(1)), cancel, points, position))[0];
    }
}
