using System.Diagnostics;
using InviteAdmin.Data;
using InviteAdmin.Referrals;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace InviteAdmin.Redis;

/// <summary>
/// Keeps ranks and leaderboard in Redis behind their tables of changes, which triggers write in the transaction of every change. One
/// process at a time does it. A set that is missing (a flush, a new server) or suspected is built again in pages under another name.
/// </summary>
public sealed class RankFollower(RedisServer redis, RedisKeys names, NpgsqlDataSource source, ILogger<RankFollower> log) : BackgroundService
{
    private const int Page = 10_000;
    private const long Lock = 0x52414E4B;
    private static readonly FollowedSet[] Sets = [FollowedSet.Ranks, FollowedSet.Leaders];

    /// <summary>No answer is older; a set that could not be followed for so long is not asked.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // When a set is looked at again: the count that suspects it, and the leaderboard's chains, which may be long, take a small part of the time only.
    private readonly Dictionary<string, long> _nextCheck = [];
    private long _nextLeaders;

    /// <summary>Applies waiting changes, or builds what is not whole. Returns how many changes it applied; -1 when Redis is away.</summary>
    public async Task<int> Step(CancellationToken cancel)
    {
        if (await redis.Connected(cancel) is not { } server)
        {
            return -1;
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (!await connection.Scalar<bool>("SELECT pg_try_advisory_xact_lock($1)", cancel, Lock))
        {
            return 0;
        }

        var changes = 0;
        foreach (var set in Sets)
        {
            var keys = await names.Of(set, cancel);
            try
            {
                changes += await Follow(set, keys, connection, server.GetDatabase(), cancel);
            }
            catch (RedisServerException other) when (other.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
            {
                log.LogWarning("A key of {Set} holds something else; it is built again", set.Name);
                await Forget(server.GetDatabase(), keys, cancel);
            }
        }

        await FaultPoints.Pass(FaultPoints.BeforeCommit);
        await transaction.CommitAsync(cancel);
        await FaultPoints.Pass(FaultPoints.AfterCommit);
        return changes;
    }

    /// <summary>Forgets the sets, so that they are built again.</summary>
    public async Task Rebuild(CancellationToken cancel)
    {
        foreach (var set in Sets)
        {
            var keys = await names.Of(set, cancel);
            await redis.Try(db => db.KeyDeleteAsync(keys.Whole), cancel);
        }

        await Step(cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = 500;
            try
            {
                pause = await Step(stoppingToken) >= Page ? 0 : 500;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, the ranks must not stand still for good; what is no absence is told in full.
                var absence = Absence.MayPass(e) || e is RedisException;
                log.Log(absence ? LogLevel.Warning : LogLevel.Error, absence ? null : e, "Ranks are not up to date: {Reason}", e.GetType().Name);
                pause = 2_000;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> Follow(FollowedSet set, SetKeys keys, NpgsqlConnection connection, IDatabase db, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        // Before anything is read: what was committed until now is in the set afterwards.
        var asOf = new DateTimeOffset(await connection.Scalar<DateTime>("SELECT clock_timestamp()", cancel));
        var whole = (await Soon(db.StringGetAsync(keys.Whole), cancel)).HasValue;
        if (!whole && !await Build(set, keys, connection, db, cancel))
        {
            return 0;
        }

        var leaders = set == FollowedSet.Leaders;
        if (whole && leaders && Environment.TickCount64 < _nextLeaders)
        {
            return 0;
        }

        var changes = await Apply(set, keys, connection, db, cancel);
        if (changes >= Page)
        {
            return changes;
        }

        if (leaders && (changes > 0 || !whole))
        {
            await CountBelow(keys, connection, db, cancel);
        }

        if (await IsSuspect(set, keys, connection, db, cancel))
        {
            log.LogWarning("{Set} in Redis has not as many members as PostgreSQL; it is built again", set.Name);
            await Forget(db, keys, cancel);
        }
        else if (Oldest - clock.Elapsed is { Ticks: > 0 } left)
        {
            await Soon(db.StringSetAsync(keys.Fresh, asOf.ToUnixTimeMilliseconds(), left), cancel);
        }

        return changes;
    }

    /// <summary>False when Redis forgot the draft meanwhile.</summary>
    private async Task<bool> Build(FollowedSet set, SetKeys keys, NpgsqlConnection connection, IDatabase db, CancellationToken cancel)
    {
        // The mark goes with a flush: while it is there, nothing of the draft was lost.
        await Soon(Task.WhenAll(db.KeyDeleteAsync(keys.Draft), db.StringSetAsync(keys.Mark, 1, TimeSpan.FromHours(1))), cancel);
        var filled = false;
        for (var last = 0L; ;)
        {
            var rows = await connection.Query(
                $"SELECT {set.Columns} FROM {set.Table} WHERE id > $1 AND {set.Belongs} ORDER BY id LIMIT {Page}", Entry, cancel, last);
            if (rows.Count == 0)
            {
                break;
            }

            await Soon(db.SortedSetAddAsync(keys.Draft, [.. rows]), cancel);
            (last, filled) = ((long)rows[^1].Element, true);
        }

        var swap = db.CreateTransaction();
        swap.AddCondition(Condition.KeyExists(keys.Mark));
        _ = filled ? swap.KeyRenameAsync(keys.Draft, keys.Set) : swap.KeyDeleteAsync(keys.Set);
        _ = swap.StringSetAsync(keys.Whole, 1);
        var swapped = await Soon(swap.ExecuteAsync(), cancel);
        if (!swapped)
        {
            log.LogWarning("Redis forgot {Set} while it was built; it is built again", set.Name);
        }

        return swapped;
    }

    private static async Task<int> Apply(FollowedSet set, SetKeys keys, NpgsqlConnection connection, IDatabase db, CancellationToken cancel)
    {
        var changed = await connection.Query(
            $"DELETE FROM {set.Changes} WHERE id IN (SELECT id FROM {set.Changes} ORDER BY id LIMIT {Page}) RETURNING {set.Changed}", row => row.GetInt64(0), cancel);
        if (changed.Count == 0)
        {
            return 0;
        }

        var there = await connection.Query($"SELECT {set.Columns} FROM {set.Table} WHERE id = ANY($1) AND {set.Belongs}", Entry, cancel, [changed.Distinct().ToArray()]);
        var gone = changed.Except(there.Select(w => (long)w.Element)).Select(id => (RedisValue)id).ToArray();
        await FaultPoints.Pass(FaultPoints.BeforeRedis);
        await Soon(Task.WhenAll(
            there.Count == 0 ? Task.CompletedTask : db.SortedSetAddAsync(keys.Set, [.. there]),
            gone.Length == 0 ? Task.CompletedTask : db.SortedSetRemoveAsync(keys.Set, gone)), cancel);
        await FaultPoints.Pass(FaultPoints.AfterRedis);
        return changed.Count;
    }

    /// <summary>How many stand below the first of the leaderboard, who are all anybody can ask for.</summary>
    private async Task CountBelow(SetKeys keys, NpgsqlConnection connection, IDatabase db, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var top = await Soon(db.SortedSetRangeByRankAsync(keys.Set, 0, LeaderBoard.Most - 1), cancel);
        var below = await connection.Query(
            ReferralQueries.Below, row => new HashEntry(row.GetInt64(0), row.GetInt64(1)), cancel, [top.Select(id => (long)id).ToArray()]);
        var swap = db.CreateTransaction();
        _ = swap.KeyDeleteAsync(keys.Downstream);
        if (below.Count > 0)
        {
            _ = swap.HashSetAsync(keys.Downstream, [.. below]);
        }

        await Soon(swap.ExecuteAsync(), cancel);
        _nextLeaders = Environment.TickCount64 + Math.Min(clock.ElapsedMilliseconds * 10, 4_000);
    }

    /// <summary>Counts now and then: the set's size may differ from the rows' number by no more than the changes not yet applied, read in the same statement.</summary>
    private async Task<bool> IsSuspect(FollowedSet set, SetKeys keys, NpgsqlConnection connection, IDatabase db, CancellationToken cancel)
    {
        if (Environment.TickCount64 < _nextCheck.GetValueOrDefault(set.Name))
        {
            return false;
        }

        // Set first: where counting takes too long, only one step in a minute fails of it.
        _nextCheck[set.Name] = Environment.TickCount64 + 60_000;
        var clock = Stopwatch.StartNew();
        var size = await Soon(db.SortedSetLengthAsync(keys.Set), cancel);
        var below = await Soon(db.HashLengthAsync(keys.Downstream), cancel);
        var (rows, pending) = (await connection.Query(
            $"SELECT (SELECT count(*) FROM {set.Table} WHERE {set.Belongs}), (SELECT count(*) FROM {set.Changes})", row => (row.GetInt64(0), row.GetInt64(1)), cancel))[0];
        _nextCheck[set.Name] = Environment.TickCount64 + Math.Max(10_000, clock.ElapsedMilliseconds * 100);
        return Math.Abs(size - rows) > pending || (set == FollowedSet.Leaders && below != Math.Min(size, LeaderBoard.Most));
    }

    private static Task Forget(IDatabase db, SetKeys keys, CancellationToken cancel) =>
        Soon(db.KeyDeleteAsync([keys.Whole, keys.Fresh, keys.Set, keys.Downstream]), cancel);

    private static SortedSetEntry Entry(System.Data.Common.DbDataReader row) => new(row.GetInt64(0), FollowedSet.Score(row.GetInt32(1), row.GetInt64(2)));

    // The client itself waits for ever for a server that is silent, and meanwhile a transaction is open.
    private static Task<T> Soon<T>(Task<T> work, CancellationToken cancel) => work.WaitAsync(Patience, cancel);

    private static Task Soon(Task work, CancellationToken cancel) => work.WaitAsync(Patience, cancel);
}
