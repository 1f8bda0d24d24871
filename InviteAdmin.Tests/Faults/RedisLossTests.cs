using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using InviteAdmin.Data;
using InviteAdmin.Hosting;
using InviteAdmin.Redis;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using StackExchange.Redis;

namespace InviteAdmin.Tests.Faults;

/// <summary>Redis absent, lost, flushed and frozen: everything works, nothing hangs, and the ranks come back.</summary>
[Collection(LoadCollection.Name)]
public sealed class RedisLossTests : IAsyncLifetime
{
    private static readonly TimeSpan MostPerRequest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MostToReturn = TimeSpan.FromSeconds(30);
    private readonly FreshDatabase _database = new();
    private readonly ScratchFolder _folder = new();
    private PrivateRedis _redis = null!;
    private int _people;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _redis = await PrivateRedis.Start(Path.Combine(_folder.Path, "redis"), default);
    }

    [Fact]
    public async Task Redis_AbsentAtTheStart_EverythingWorksAndRanksFollowWhenItComes()
    {
        await _redis.DisposeAsync();
        await using var app = await StartApp();
        using var client = AppCluster.NewClient(app.Address);
        await MainJob(client);
        await Relaunch();
        await RanksAreRight();
    }

    [Fact]
    public async Task Redis_FlushedFrozenAndLost_NothingHangsAndRanksReturn()
    {
        await using var app = await StartApp();
        using var client = AppCluster.NewClient(app.Address);
        await MainJob(client);
        await RanksAreRight();

        await Flush();
        await MainJob(client);
        await RanksAreRight();

        var process = await Pid();
        await Command.Run(["kill", "-STOP", process], default);
        await MainJob(client);
        await Command.Run(["kill", "-CONT", process], default);
        await RanksAreRight();

        await _redis.DisposeAsync();
        await MainJob(client);
        await Relaunch();
        await MainJob(client);
        await RanksAreRight();
    }

    [Fact]
    public async Task Ranks_FlushedWhileTheyAreBuilt_AreNeverTakenForWhole()
    {
        var rounds = Trials.Of(15, 200);
        await using (var fill = _database.Source.CreateCommand("""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
            SELECT 'wl_' || i, i || '@example.com', i || '@example.com', 'Ann', 'waiting', 'r' || i, 's' || i, now() FROM generate_series(1, 30000) i
            """)) await fill.ExecuteNonQueryAsync();
        await using var product = new Product(_database, ("ConnectionStrings:Redis", _redis.ConnectionString));
        var (set, whole) = await product.One<RankBoard>().Keys(default);
        var follower = product.One<RankFollower>();
        using var admin = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString + ",allowAdmin=true");
        var server = admin.GetServer(admin.GetEndPoints()[0]);
        while (await follower.Step(default) > 0) { }
        for (var round = 0; round < rounds; round++)
        {
            await server.FlushAllDatabasesAsync();
            var building = follower.Step(default);
            await Task.Delay(Random.Shared.Next(0, 300));
            await server.FlushAllDatabasesAsync();
            await building;
            if (await admin.GetDatabase().KeyExistsAsync(whole)) Assert.Equal(30_000, await admin.GetDatabase().SortedSetLengthAsync(set));
        }

        await follower.Step(default);
        Assert.Equal(30_000, await admin.GetDatabase().SortedSetLengthAsync(set));
        Assert.True(await admin.GetDatabase().KeyExistsAsync(whole));
    }

    public async Task DisposeAsync()
    {
        await _redis.DisposeAsync();
        _folder.Dispose();
        await _database.DisposeAsync();
    }

    private Task<AppProcess> StartApp() =>
        AppProcess.Start(new Dictionary<string, string>(AppCluster.Settings(_database)) { ["ConnectionStrings__Redis"] = _redis.ConnectionString });

    /// <summary>Joins, looks at the rank, releases and redeems; every answer within two seconds.</summary>
    private async Task MainJob(HttpClient client)
    {
        for (var i = 0; i < 5; i++)
        {
            var n = _people++;
            var entry = await Timed(client, "waitlist", new { email = $"person-{n}@example.com", name = "Ann", source = n % 2 == 0 ? "Twitter" : null, emailVerified = true });
            var status = entry.GetProperty("statusLink").GetString()!.Split('/')[^1];
            var rank = (await Timed(client, $"waitlist/{status}", null)).GetProperty("rank").GetInt64();
            Assert.InRange(rank, 1, _people + 1);
        }

        await Timed(client, "cohorts", new { count = 1 });
        var code = await _database.Scalar<string>("SELECT shown FROM invite_codes WHERE kind = 'waitlist' AND used_count = 0 LIMIT 1");
        var member = await Timed(client, "redemptions", new { code, email = $"member-{_people}@example.com", name = "Ann" });
        Assert.Equal(3, member.GetProperty("codes").GetArrayLength());
    }

    private static async Task<JsonElement> Timed(HttpClient client, string path, object? body)
    {
        var clock = Stopwatch.StartNew();
        using var response = body is null ? await client.GetAsync(path) : await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(client, path, body);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, MostPerRequest);
        Assert.InRange((int)response.StatusCode, 200, 201);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    /// <summary>Within thirty seconds Redis itself, and not SQL in its place, knows everybody's rank.</summary>
    private async Task RanksAreRight()
    {
        await using var product = new Product(_database, ("ConnectionStrings:Redis", _redis.ConnectionString));
        var board = product.One<RankBoard>();
        var (set, whole) = await board.Keys(default);
        using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            var expected = await Waiting();
            var known = (await redis.GetDatabase().SortedSetRangeByRankAsync(set)).Select(v => (long)v).ToList();
            if (await redis.GetDatabase().KeyExistsAsync(whole) && known.SequenceEqual(expected.Select(e => e.Id))) break;
            Assert.True(waited.Elapsed < MostToReturn, $"After {MostToReturn.TotalSeconds} s Redis knows {known.Count} of {expected.Count}.");
        }

        foreach (var (id, points, position) in await Waiting())
        {
            var rank = await _database.Scalar<long>(string.Create(CultureInfo.InvariantCulture, $"SELECT rank FROM (SELECT id, row_number() OVER (ORDER BY points DESC, position) AS rank FROM waitlist_entries WHERE status = 'waiting') r WHERE id = {id}"));
            Assert.Equal(rank, (await board.Of(EntryStatus.Waiting, points, position, default)).Rank);
        }

        Assert.Empty(await product.Violations());
    }

    private async Task<List<(long Id, int Points, long Position)>> Waiting()
    {
        await using var connection = await _database.Source.OpenConnectionAsync();
        return await connection.Query("SELECT id, points, position FROM waitlist_entries WHERE status = 'waiting' ORDER BY points DESC, position", row => (row.GetInt64(0), row.GetInt32(1), row.GetInt64(2)), default);
    }

    private async Task Flush()
    {
        using var admin = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString + ",allowAdmin=true");
        await admin.GetServer(admin.GetEndPoints()[0]).FlushAllDatabasesAsync();
    }

    /// <summary>The same server at the same port again, empty.</summary>
    private async Task Relaunch()
    {
        await Command.Run(["redis-server", Path.Combine(_folder.Path, "redis", "redis.conf")], default);
        await WaitFor.True(async () => await PrivateRedis.Running(Path.Combine(_folder.Path, "redis"), default) is not null);
    }

    private async Task<string> Pid() => (await File.ReadAllTextAsync(Path.Combine(_folder.Path, "redis", "pid"))).Trim();
}
