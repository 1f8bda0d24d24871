using System.Collections.Concurrent;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Api;

/// <summary>Signals and activity by API: floods, keys, wrong types, and how long they are kept.</summary>
public sealed class SignalCallsTests(RunningApp app) : IClassFixture<RunningApp>, IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task Signals_TenThousandAtOnce_NeverMoreThanTheBoundInAnyMinute()
    {
        var answers = new ConcurrentBag<ApiAnswer>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 10_000), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
            answers.Add(await _api.Post("/signals", new { name = "storm", value = i })));
        Assert.All(answers.Where(a => (int)a.Status != 202), a =>
        {
            a.Problem(429, "rate-limited");
            Assert.Equal("60", a.Header("Retry-After"));
        });
        Assert.Equal(answers.Count(a => (int)a.Status == 202), await app.Database.Scalar<long>("SELECT count(*) FROM signals WHERE name = 'storm'"));
        Assert.Equal(PostSignal.MostAMinute, await app.Database.Scalar<long>(
            "SELECT max(n) FROM (SELECT count(*) OVER (ORDER BY received_at RANGE BETWEEN interval '1 minute' PRECEDING AND CURRENT ROW) AS n FROM signals WHERE name = 'storm') w"));
    }

    [Fact]
    public async Task Signal_WithAKey_IsKeptOnceAndARefusalForTooManyIsNot()
    {
        await app.Database.Execute("INSERT INTO signals (name, value, at) SELECT 'keyed', i, now() FROM generate_series(1, 600) i");
        (await _api.Post("/signals", new { name = "keyed", value = 1 }, "signal-once")).Problem(429, "rate-limited");
        await app.Database.Execute("DELETE FROM signals WHERE name = 'keyed'");
        (await _api.Post("/signals", new { name = "keyed", value = 1 }, "signal-once")).Expect(202);
        var again = await _api.Post("/signals", new { name = "keyed", value = 1 }, "signal-once");
        again.Expect(202);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(1, await app.Database.Scalar<long>("SELECT count(*) FROM signals WHERE name = 'keyed'"));
        (await _api.Post("/signals", new { name = "keyed", value = 2 }, "signal-once")).Problem(422, "idempotency-mismatch");
    }

    [Fact]
    public async Task Activity_WithAKey_IsAnsweredAgain()
    {
        var member = (await _api.Member("keyed.activity@example.com")).GetProperty("userId").GetString();
        (await _api.Post($"/members/{member}/activity", new { }, "active-once")).Expect(202);
        Assert.Equal("true", (await _api.Post($"/members/{member}/activity", new { }, "active-once")).Header("Idempotent-Replayed"));
        Assert.Equal(1, await app.Database.Scalar<long>("SELECT count(*) FROM member_activity"));
    }

    [Fact]
    public async Task Sweep_SignalsOfLastMonth_AreForgotten()
    {
        await app.Database.Execute("INSERT INTO signals (name, value, at, received_at) SELECT 'old', d, now(), now() - d * interval '1 day' FROM unnest('{29,31,400}'::int[]) d");
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PostSignal>().Sweep(default);
        Assert.Equal("29", await app.Database.Scalar<string>("SELECT string_agg(value::text, ',') FROM signals WHERE name = 'old'"));
    }

    [Theory]
    [InlineData("POST", "/signals", """{"name":"a","value":"1"}""", "value", "a number")]
    [InlineData("POST", "/signals", """{"name":"a","value":1e999}""", "value", "a number between")]
    [InlineData("POST", "/signals", """{"name":"a","value":-1e308}""", "value", "a number between")]
    [InlineData("POST", "/signals", """{"name":5,"value":1}""", "name", "text")]
    [InlineData("POST", "/signals", """{"name":"a","value":1,"at":"soon"}""", "at", "a time in ISO 8601")]
    [InlineData("POST", "/members/x/activity", """{"at":5}""", "at", "a time in ISO 8601")]
    [InlineData("POST", "/rollout/pause", """{"reason":5}""", "reason", "text")]
    [InlineData("PUT", "/rollout", """{"version":"1"}""", "version", "a whole number")]
    [InlineData("PUT", "/rollout", """{"capacity":1e308}""", "capacity", "a whole number")]
    [InlineData("PUT", "/rollout", """{"days":"mon"}""", "days", "a list")]
    [InlineData("PUT", "/rollout", """{"days":[1]}""", "days[0]", "text")]
    [InlineData("PUT", "/rollout", """{"stages":[5]}""", "stages[0]", "an object")]
    [InlineData("PUT", "/rollout", """{"stages":[{"batchSize":1.5}]}""", "stages[0].batchSize", "a whole number")]
    [InlineData("PUT", "/rollout", """{"stages":[{"batchSize":1,"gate":[{"metric":"signal","hours":"1"}]}]}""", "stages[0].gate[0].hours", "a number")]
    public async Task Body_OfAnotherType_NamesTheFieldAndWhatItTakes(string method, string path, string body, string field, string expected)
    {
        var answer = method == "PUT" ? await _api.PutText(path, body) : await _api.PostText(path, body);
        answer.Invalid(field);
        Assert.Contains(expected, answer.Json.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    public async Task Body_NumberThatJsonDoesNotHave_IsMalformed(string number)
    {
        (await _api.PostText("/signals", $$"""{"name":"a","value":{{number}}}""")).Problem(400, "malformed-json");
        (await _api.PutText("/rollout", $$"""{"capacity":{{number}}}""")).Problem(400, "malformed-json");
    }

    public void Dispose() => _api.Dispose();
}
