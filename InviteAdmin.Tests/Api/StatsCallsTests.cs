using InviteAdmin.Access;
using InviteAdmin.Insights;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class StatsCallsTests(RunningApp app) : IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task Stats_OfTheLastDays_AreThoseOfTheRows()
    {
        var entry = await _api.Waiting("stats@example.com");
        (await _api.Post("/cohorts", new { count = 200 })).Expect(201);
        var code = await app.Database.Scalar<string>($"SELECT c.shown FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id WHERE e.public_id = '{entry.GetProperty("id").GetString()}'");
        (await _api.Post("/redemptions", new { code, email = "stats@example.com", name = "Ann", emailVerified = true })).Expect(201);
        await using (var scope = app.Services.CreateAsyncScope()) (await scope.ServiceProvider.GetRequiredService<RefreshInsights>().Run(Actor.System, default)).Must();

        var stats = (await _api.Get("/stats")).Expect(200);
        Assert.Equal(30, stats.GetProperty("byDay").GetArrayLength());
        Assert.Equal(await app.Database.Scalar<long>("SELECT count(*) FROM waitlist_entries"), stats.GetProperty("joined").GetInt64());
        Assert.Equal(stats.GetProperty("joined").GetInt64(), stats.GetProperty("bySource").EnumerateArray().Sum(s => s.GetProperty("joined").GetInt64()));
        Assert.Equal(await app.Database.Scalar<long>("SELECT count(*) FROM members"), stats.GetProperty("byDay").EnumerateArray().Sum(d => d.GetProperty("registered").GetInt64()));
        Assert.InRange(stats.GetProperty("conversion").GetDouble(), 0.0001, 1);
        Assert.NotEqual(0, stats.GetProperty("byCohort").GetArrayLength());

        var none = (await _api.Get("/stats?from=2025-01-01&to=2025-01-07")).Expect(200);
        Assert.Equal((7, 0), (none.GetProperty("byDay").GetArrayLength(), none.GetProperty("joined").GetInt32()));
        Assert.Null(none.GetProperty("conversion").GetString());
    }

    [Theory]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=2026-13-01", "from")]
    [InlineData("to=1999-01-01", "to")]
    [InlineData("from=9999-12-31", "from")]
    [InlineData("from=2026-02-02&to=2026-02-01", "to")]
    [InlineData("from=2024-01-01&to=2026-01-01", "from")]
    public async Task Stats_DaysThatMakeNoSense_NameTheField(string query, string field) => (await _api.Get($"/stats?{query}")).Invalid(field);

    public void Dispose() => _api.Dispose();
}
