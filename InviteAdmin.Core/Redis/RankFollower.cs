using InviteAdmin.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace InviteAdmin.Redis;

/// <summary>
/// Keeps the ranks in Redis behind the table rank_changes, which a trigger writes in the transaction of every change. One
/// process at a time does it; a set that is missing (a flush, a new server) is built again in pages under another name.
/// </summary>
public sealed class RankFollower(RedisServer redis, RankBoard board, NpgsqlDataSource source, ILogger<RankFollower> log) : BackgroundService
{
    private const int Page = 10_000;
    private const long Lock = 0x52414E4B;

    /// <summary>Applies waiting changes, or builds the set when it is not whole. Returns how many changes it applied; -1 when Redis is away.</summary>
    public async Task<int> Step(CancellationToken cancel)
    {
        if (await redis.Connected(cancel) is not { } server)
        {
            return -1;
        }

        var db = server.GetDatabase();
        var keys = await board.Keys(cancel);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (!await connection.Scalar<bool>("SELECT pg_try_advisory_xact_lock($1)", cancel, Lock))
        {
            return 0;
        }

        if (!await db.KeyExistsAsync(keys.Whole).WaitAsync(TimeSpan.FromSeconds(2), cancel))
        {
            await Build(connection, db, keys, cancel);
        }

        var changes = await Apply(connection, db, keys.Set, cancel);
        await FaultPoints.Pass(FaultPoints.BeforeCommit);
        await transaction.CommitAsync(cancel);
        await FaultPoints.Pass(FaultPoints.AfterCommit);
        return changes;
    }

    /// <summary>Forgets the set, so that the next step builds it again.</summary>
    public async Task Rebuild(CancellationToken cancel)
    {
        var keys = await board.Keys(cancel);
        await redis.Try(db => db.KeyDeleteAsync(keys.Whole), cancel);
        await Step(cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = 500;
            try
            {
                pause = await Step(stoppingToken) == Page ? 0 : 500;
            }
            catch (Exception e) when (e is RedisException or TimeoutException or NpgsqlException && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("Ranks are not up to date: {Reason}", e.GetType().Name);
                pause = 2_000;
            }

            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Build(NpgsqlConnection connection, IDatabase db, (string Set, string Whole) keys, CancellationToken cancel)
    {
        // The mark goes with a flush: while it is there, nothing of the draft was lost.
        var (draft, mark) = ($"{keys.Set}:draft", $"{keys.Set}:draft:mark");
        await db.KeyDeleteAsync(draft);
        await db.StringSetAsync(mark, 1, TimeSpan.FromHours(1));
        var filled = false;
        for (var last = 0L; ;)
        {
            var rows = await connection.Query(
                "SELECT id, points, position FROM waitlist_entries WHERE id > $1 AND status = 'waiting' ORDER BY id LIMIT 10000",
                row => (Id: row.GetInt64(0), Score: RankBoard.Score(row.GetInt32(1), row.GetInt64(2))), cancel, last);
            if (rows.Count == 0)
            {
                break;
            }

            await db.SortedSetAddAsync(draft, [.. rows.Select(r => new SortedSetEntry(r.Id, r.Score))]);
            (last, filled) = (rows[^1].Id, true);
        }

        var swap = db.CreateTransaction();
        swap.AddCondition(Condition.KeyExists(mark));
        _ = filled ? swap.KeyRenameAsync(draft, keys.Set) : swap.KeyDeleteAsync(keys.Set);
        _ = swap.StringSetAsync(keys.Whole, 1);
        if (!await swap.ExecuteAsync())
        {
            log.LogWarning("Redis forgot the ranks while they were built; they are built again");
        }
    }

    private static async Task<int> Apply(NpgsqlConnection connection, IDatabase db, string set, CancellationToken cancel)
    {
        var changed = await connection.Query(
            "DELETE FROM rank_changes WHERE id IN (SELECT id FROM rank_changes ORDER BY id LIMIT 10000) RETURNING entry_id", row => row.GetInt64(0), cancel);
        if (changed.Count == 0)
        {
            return 0;
        }

        var waiting = await connection.Query(
            "SELECT id, points, position FROM waitlist_entries WHERE id = ANY($1) AND status = 'waiting'",
            row => new SortedSetEntry(row.GetInt64(0), RankBoard.Score(row.GetInt32(1), row.GetInt64(2))), cancel, [changed.Distinct().ToArray()]);
        var gone = changed.Except(waiting.Select(w => (long)w.Element)).Select(id => (RedisValue)id).ToArray();
        await FaultPoints.Pass(FaultPoints.BeforeRedis);
        await Task.WhenAll(
            waiting.Count == 0 ? Task.CompletedTask : db.SortedSetAddAsync(set, [.. waiting]),
            gone.Length == 0 ? Task.CompletedTask : db.SortedSetRemoveAsync(set, gone)).WaitAsync(TimeSpan.FromSeconds(5), cancel);
        await FaultPoints.Pass(FaultPoints.AfterRedis);
        return changed.Count;
    }
}
