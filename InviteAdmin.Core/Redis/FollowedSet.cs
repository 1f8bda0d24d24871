using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Redis;

/// <summary>A sorted set in Redis that follows rows of PostgreSQL through a table of changes, which triggers write. Its score orders like the SQL of its fallback.</summary>
/// <param name="Changes">The table of changes.</param>
/// <param name="Changed">Its column with the id of what may have changed.</param>
/// <param name="Columns">Id, points (more is ahead) and position (less is ahead).</param>
/// <param name="Belongs">The rows whose ids are in the set.</param>
internal sealed record FollowedSet(string Name, string Changes, string Changed, string Columns, string Table, string Belongs)
{
    /// <summary>Who waits, by points and position.</summary>
    public static readonly FollowedSet Ranks = new("rank", "rank_changes", "entry_id", "id, points, position", "waitlist_entries", "status = 'waiting'");

    /// <summary>Members by credited referrals; who registered first stands first among equals.</summary>
    public static readonly FollowedSet Leaders = new("leaderboard", "leaderboard_changes", "member_id", "id, credited_referrals, id", "members", "credited_referrals > 0");

    /// <summary>Orders like the queue: whole numbers below 2^53, exact in a double, for points under a million and positions under 2^33.</summary>
    public static double Score(int points, long position) => position - (points * (double)(1L << 33));

    /// <summary>The points back out of a score.</summary>
    public static int Points(double score, long position) => (int)((position - score) / (1L << 33));
}

/// <summary>
/// The keys of one set. <c>Whole</c> is there while nothing of the set was lost; <c>Fresh</c> holds, for five seconds at most, the time (Unix milliseconds of the
/// database's clock) of which the set is known to be right; <c>Downstream</c> holds how many stand below each of the first.
/// </summary>
internal sealed record SetKeys(string Set)
{
    public string Whole => $"{Set}:whole";

    public string Fresh => $"{Set}:fresh";

    public string Draft => $"{Set}:draft";

    public string Mark => $"{Set}:draft:mark";

    public string Downstream => $"{Set}:downstream";
}

/// <summary>Names of keys begin with the installation's, so that two installations can share a Redis.</summary>
public sealed class RedisKeys(NpgsqlDataSource source)
{
    private string? _prefix;

    internal async ValueTask<SetKeys> Of(FollowedSet set, CancellationToken cancel) => new(await Of(set.Name, cancel));

    /// <summary>The name of a key of ours.</summary>
    public async ValueTask<string> Of(string name, CancellationToken cancel)
    {
        if (_prefix is null)
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            _prefix = $"inviteadmin:{await connection.Scalar<string>("SELECT name FROM installation", cancel)}";
        }

        return $"{_prefix}:{name}";
    }
}
