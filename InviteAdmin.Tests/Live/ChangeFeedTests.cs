using InviteAdmin.Live;
using InviteAdmin.Redis;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace InviteAdmin.Tests.Live;

/// <summary>Two feeds on one database are two processes: nothing but the database and Redis connects them.</summary>
public sealed class ChangeFeedTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    [Fact]
    public void IsStale_NoSignOfLifeFor15Seconds_SaysSo()
    {
        var time = new SteppedTime();
        using var redis = new RedisServer(null, NullLogger<RedisServer>.Instance);
        using var feed = new ChangeFeed(database.Source, redis, time, NullLogger<ChangeFeed>.Instance);

        time.Passed = TimeSpan.FromSeconds(14);
        Assert.False(feed.IsStale);
        time.Passed = TimeSpan.FromSeconds(16);
        Assert.True(feed.IsStale);
    }

    [Fact]
    public async Task Change_WithoutRedis_IsHeardInEveryProcess()
    {
        await using var one = await Process.Start(database.Postgres, null);
        await using var other = await Process.Start(database.Postgres, null);
        // The first look, and the last word once it is quiet.
        await WaitFor.True(() => Task.FromResult(one.Heard >= 2 && other.Heard >= 2));
        var (before, beforeOther) = (one.Heard, other.Heard);

        await database.Scalar<long>("SELECT nextval('audit_log_id_seq') + nextval('audit_log_id_seq')");

        await WaitFor.True(() => Task.FromResult(one.Heard > before && other.Heard > beforeOther));
    }

    [Fact]
    public async Task Announced_WithRedis_IsHeardInTheOtherProcessAtOnce()
    {
        await using var one = await Process.Start(database.Postgres, database.Redis);
        await using var other = await Process.Start(database.Postgres, database.Redis);
        // Each subscribes in its own time.
        await WaitFor.True(async () =>
        {
            var before = other.Heard;
            for (var i = 0; i < 3; i++) one.Feed.Announce();
            await Task.Delay(200);
            return other.Heard >= before + 3;
        });
    }

    [Fact]
    public async Task DatabaseAwayForOneProcess_OnlyThatOneIsStaleAndComesBack()
    {
        var direct = new NpgsqlConnectionStringBuilder(database.Postgres);
        await using var network = new TcpProxy(direct.Port);
        var through = new NpgsqlConnectionStringBuilder(database.Postgres) { Port = network.Port, Timeout = 2 };
        await using var cut = await Process.Start(through.ConnectionString, null);
        await using var well = await Process.Start(database.Postgres, null);
        await WaitFor.True(() => Task.FromResult(cut.Heard > 0 && well.Heard > 0));

        network.BlackHole();
        await WaitFor.True(() => Task.FromResult(cut.Feed.IsStale));
        Assert.False(well.Feed.IsStale);

        network.Pass();
        await WaitFor.True(() => Task.FromResult(!cut.Feed.IsStale));
    }

    private sealed class Process : IAsyncDisposable
    {
        private readonly NpgsqlDataSource _source;
        private readonly RedisServer _redis;
        private int _heard;

        private Process(string postgres, string? redis)
        {
            _source = NpgsqlDataSource.Create(postgres);
            _redis = new(redis, NullLogger<RedisServer>.Instance);
            Feed = new(_source, _redis, TimeProvider.System, NullLogger<ChangeFeed>.Instance);
            Feed.Changed += () => Interlocked.Increment(ref _heard);
        }

        public ChangeFeed Feed { get; }

        public int Heard => Volatile.Read(ref _heard);

        public static async Task<Process> Start(string postgres, string? redis)
        {
            var process = new Process(postgres, redis);
            await process.Feed.StartAsync(default);
            return process;
        }

        public async ValueTask DisposeAsync()
        {
            await Feed.StopAsync(default);
            Feed.Dispose();
            _redis.Dispose();
            await _source.DisposeAsync();
        }
    }

    /// <summary>A stopwatch that the test moves.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
