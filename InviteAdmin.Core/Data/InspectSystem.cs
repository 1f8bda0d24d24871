using InviteAdmin.Access;
using InviteAdmin.Redis;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>A process that was heard of in the last day.</summary>
/// <param name="Silent">Not heard for longer than a living one ever is.</param>
/// <param name="Here">The one that answers.</param>
public sealed record ProcessFacts(string Name, string Version, DateTimeOffset StartedAt, DateTimeOffset HeardAt, bool Silent, bool Here);

/// <summary>The database: its server's version, size in bytes, and migrations.</summary>
public sealed record DatabaseFacts(string Version, long Bytes, int Migrations, string LatestMigration, int Connections, int MostConnections, bool Standby);

/// <summary>Redis as this process reaches it; nothing but <c>Up</c> when it is away.</summary>
public sealed record RedisFacts(bool Up, double? Milliseconds, string? Version);

/// <summary>What waits: how much, and since when the oldest is due.</summary>
public sealed record QueueFacts(string Name, long Waiting, DateTimeOffset? OldestAt, string? Href);

/// <summary>How fresh the live ranks are; null when ranks come from the database itself.</summary>
public sealed record RankFacts(DateTimeOffset? AsOf, long ChangesWaiting);

/// <summary>How the installation is, at one moment.</summary>
public sealed record SystemFacts(
    DateTimeOffset At, string Version, string Runtime, TimeSpan Uptime, long MemoryBytes, DatabaseFacts Database, RedisFacts Redis, IReadOnlyList<QueueFacts> Queues,
    RankFacts Ranks, IReadOnlyList<ProcessFacts> Processes);

/// <summary>What the invariants said, and when.</summary>
public sealed record InvariantReport(IReadOnlyList<InvariantResult> Results, DateTimeOffset At)
{
    public IEnumerable<InvariantResult> Violated => Results.Where(r => r.Violations != 0);
}

/// <summary>Tells owners and developers how the installation is: for the System page, and to send to whoever helps.</summary>
public sealed class InspectSystem(NpgsqlDataSource source, RedisServer redis, RankBoard ranks, InvariantCheck invariants, Heartbeat heartbeat, TimeProvider time)
{
    private const long MostCounted = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<Outcome<SystemFacts>> Now(Actor actor, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        var database = (await connection.Query(
            """
            SELECT current_setting('server_version'), pg_database_size(current_database()), (SELECT count(*)::int FROM "__EFMigrationsHistory"),
              coalesce((SELECT max("MigrationId") FROM "__EFMigrationsHistory"), ''), (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()),
              current_setting('max_connections')::int, pg_is_in_recovery()
            """,
            row => new DatabaseFacts(row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetString(3), row.GetInt32(4), row.GetInt32(5), row.GetBoolean(6)), cancel))[0];
        var queues = await connection.Query(
            $"""
            SELECT 'Mail and events that are due', (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'pending' AND lease_until IS NULL AND due_at <= now() LIMIT {MostCounted}) x),
              (SELECT min(due_at) FROM outbox WHERE state = 'pending' AND lease_until IS NULL AND due_at <= now()), '/admin/emails?state=pending'
            UNION ALL SELECT 'Mail that is held or comes later', (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'pending' AND lease_until IS NULL AND due_at > now() LIMIT {MostCounted}) x), NULL, '/admin/emails?state=pending'
            UNION ALL SELECT 'Mail that failed', (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'dead' LIMIT {MostCounted}) x), NULL, '/admin/emails?state=dead'
            UNION ALL SELECT 'Long work', (SELECT count(*) FROM operations WHERE state IN ('queued', 'running')), (SELECT min(created_at) FROM operations WHERE state IN ('queued', 'running')), '/admin/jobs?tab=work'
            """,
            row => new QueueFacts(row.GetString(0), row.GetInt64(1), row.Time(2), row.Text(3)), cancel);
        var processes = await connection.Query(
            "SELECT name, version, started_at, heard_at, heard_at < now() - $1::interval FROM processes ORDER BY heard_at < now() - $1::interval, started_at",
            row => new ProcessFacts(row.GetString(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetFieldValue<DateTimeOffset>(3), row.GetBoolean(4), row.GetString(0) == Heartbeat.Process), cancel, Heartbeat.Silence);
        var waiting = await connection.Scalar<long>($"SELECT count(*) FROM (SELECT 1 FROM rank_changes LIMIT {MostCounted}) x", cancel);
        return new SystemFacts(
            time.GetUtcNow(), Heartbeat.Version, System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription, heartbeat.Uptime(), Environment.WorkingSet, database, await Redis(cancel), queues,
            new(await ranks.FreshAsOf(cancel), waiting), processes);
    }

    /// <summary>Reads every rule over every row; with a million people that takes a while.</summary>
    public async Task<Outcome<InvariantReport>> Invariants(Actor actor, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        return new InvariantReport(await invariants.All(cancel), time.GetUtcNow());
    }

    private async Task<RedisFacts> Redis(CancellationToken cancel)
    {
        try
        {
            if (await redis.Connected(cancel) is not { } server)
            {
                return new(false, null, null);
            }

            var took = await server.GetDatabase().PingAsync().WaitAsync(Patience, cancel);
            return new(true, took.TotalMilliseconds, server.GetServer(server.GetEndPoints()[0]).Version?.ToString());
        }
        catch (Exception away) when (!cancel.IsCancellationRequested && away is StackExchange.Redis.RedisException or TimeoutException)
        {
            return new(false, null, null);
        }
    }
}
