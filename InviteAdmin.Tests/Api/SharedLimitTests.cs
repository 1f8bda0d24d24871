using System.Globalization;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

/// <summary>On a database of its own, because a window outlives the process that began it.</summary>
public sealed class SharedLimitTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    /// <summary>Two processes at once: the window is one, whoever asks where. With Redis gone each deals out its half, and what was used up stays so.</summary>
    [Fact]
    public async Task Limits_TwoProcesses_ShareTheWindowAndWithoutRedisEachHasItsHalf()
    {
        await using var redis = new TcpProxy(int.Parse(database.Redis.Split(',')[0].Split(':')[1], CultureInfo.InvariantCulture));
        var settings = new Dictionary<string, string>(database.Settings)
        {
            ["ConnectionStrings__Redis"] = database.Redis.Replace(database.Redis.Split(',')[0], $"127.0.0.1:{redis.Port}", StringComparison.Ordinal),
            ["Api__DevelopmentKey"] = "dev_limits_limits_limits_limits",
            ["Limits__KeyPerMinute"] = "41",
            ["Limits__AnonymousPerMinute"] = "10",
        };
        await database.Execute("DELETE FROM processes");
        var apps = await Task.WhenAll(AppProcess.Start(settings), AppProcess.Start(settings));
        await using var one = apps[0];
        await using var two = apps[1];
        using var first = new ApiClient(one.Address, settings["Api__DevelopmentKey"]);
        using var second = new ApiClient(two.Address, settings["Api__DevelopmentKey"]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? first : second).Get("/leaderboard")));
        Assert.Equal((41, 59), (answers.Count(a => (int)a.Status == 200), answers.Count(a => (int)a.Status == 429)));
        Assert.All(answers.Where(a => (int)a.Status == 429), a => Assert.InRange(int.Parse(a.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 60));

        // Both know of each other once both have beaten after both had begun.
        await WaitFor.True(async () => await database.Scalar<bool>("SELECT count(*) = 2 AND bool_and(heard_at > (SELECT max(started_at) FROM processes) + interval '6 seconds') FROM processes"));
        redis.Refuse();
        redis.Cut();
        foreach (var address in (Uri[])[one.Address, two.Address])
        {
            using var stranger = new ApiClient(address, "ia_GUESS");
            var refused = new List<int>();
            for (var i = 0; i < 8; i++) refused.Add((int)(await stranger.Get("/leaderboard")).Status);
            Assert.Equal([401, 401, 401, 401, 401, 429, 429, 429], refused);
            using var key = new ApiClient(address, settings["Api__DevelopmentKey"]);
            (await key.Get("/leaderboard")).Problem(429, "rate-limited");
        }
    }
}
