using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using InviteAdmin.Tests.Public;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>PostgreSQL refused, cut off, swallowed by the network or half open: the app says so, nothing hangs, and it comes back by itself.</summary>
[Collection(LoadCollection.Name)]
public sealed class PostgresAwayTests(ProxiedApp proxied, ITestOutputHelper output) : IClassFixture<ProxiedApp>
{
    private static readonly TimeSpan MostPerRequest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostToReturn = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(ProxyMode.Refuse)]
    [InlineData(ProxyMode.BlackHole)]
    [InlineData(ProxyMode.HalfOpen)]
    public async Task Away_200RequestsAtOnce_503WithRetryAfterWithinTenSecondsAndBackWithinTen(ProxyMode mode)
    {
        using var client = AppCluster.NewClient(proxied.App.Address);
        using var forms = new FormClient(proxied.App.Address);
        var known = new ConcurrentBag<string>();
        var link = "";
        // A full pool of connections, which all go bad at once.
        await Race.Of(60, async i => link = await Join(client, known, $"{mode}-before-{i}", keyed: i % 2 == 0));
        var shown = await forms.Get("/waitlist");

        Away(mode);
        var readiness = await Readiness(client);
        var answers = await Race.Of(200, i => Ask(client, known, i, mode, link));
        var page = await forms.Get(link);
        page.Expect(503, "We will be back in a moment", "looks again by itself");
        Assert.True(page.Headers.ContainsKey("Retry-After") && page.Headers.ContainsKey("Content-Security-Policy"));
        var slowest = answers.Max(a => a.Took);
        var readyAgain = Stopwatch.StartNew();
        proxied.Network.Pass();
        await WaitFor.True(async () => (await client.GetAsync("/healthz/ready")).IsSuccessStatusCode);
        var ready = readyAgain.Elapsed;
        // Not one lucky connection: as many in a row as the pool has.
        for (var good = 0; good < 60;)
        {
            using var response = await client.PostAsJsonAsync("waitlist", Person($"{mode}-after-{good}"));
            good = response.IsSuccessStatusCode ? good + 1 : 0;
            Assert.True(good > 0 || readyAgain.Elapsed < MostToReturn, $"Still {response.StatusCode} after {readyAgain.Elapsed}.");
        }

        output.WriteLine($"{mode}: n = {answers.Length} requests, {answers.Count(a => a.Status == 503)} answered 503, slowest {slowest.TotalSeconds:0.0} s, not ready told after {readiness.TotalSeconds:0.0} s, ready again after {ready.TotalSeconds:0.0} s, 60 joins in a row good after {readyAgain.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(slowest, TimeSpan.Zero, MostPerRequest);
        Assert.All(answers, a => Assert.True(a is { Status: 503, RetryAfter: true } or { Status: 200 or 201 }, $"{a}"));
        Assert.Contains(answers, a => a.Status == 503);
        Assert.InRange(readiness, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.NotEmpty(shown.Html);
        foreach (var email in known) Assert.Equal(1, await proxied.Database.Scalar<long>($"SELECT count(*) FROM waitlist_entries WHERE email = '{email}'"));
        Assert.Equal("", await proxied.Database.Scalar<string>("SELECT coalesce(string_agg(invariant, '; '), '') FROM invariant_check WHERE violations <> 0"));
    }

    [Fact]
    public async Task Form_SentWhileAway_IsKeptOnThePageAndGoesThroughWhenSentAgain()
    {
        using var forms = new FormClient(proxied.App.Address);
        var shown = await forms.Get("/waitlist");
        proxied.Network.Refuse();
        var token = System.Text.RegularExpressions.Regex.Match(shown.Html, "__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
        var away = (await forms.Post("/waitlist", new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = token, ["email"] = "kept@example.com", ["name"] = "Ann \"Kept\"", ["ref"] = "", ["src"] = "" })))
            .Expect(503, "It is still here", "name=\"email\" value=\"kept@example.com\"");
        Assert.Equal("2", away.Headers["Retry-After"]);
        // The widget can read its refusal, whatever was thrown away on the way.
        using (var http = new HttpClient { BaseAddress = proxied.App.Address })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/widget/watch") { Headers = { { "Origin", "http://127.0.0.1:3000" } }, Content = new FormUrlEncodedContent([new("token", "x")]) };
            using var refused = await http.SendAsync(request);
            Assert.Equal(("application/problem+json", "2", "http://127.0.0.1:3000"), (refused.Content.Headers.ContentType?.MediaType, refused.Headers.RetryAfter?.ToString(), refused.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        }

        proxied.Network.Pass();
        await WaitFor.True(async () => (await forms.Send("/waitlist", "/waitlist", ("email", "kept@example.com"), ("name", "Ann Kept"))).Status == System.Net.HttpStatusCode.SeeOther);
        Assert.Equal(1, await proxied.Database.Scalar<long>("SELECT count(*) FROM waitlist_entries WHERE email = 'kept@example.com'"));
    }

    [Fact]
    public async Task Away_InTheMiddleOfAReleaseAndOfAMint_503WithinTenSeconds()
    {
        using var client = AppCluster.NewClient(proxied.App.Address);
        await Join(client, [], "in-the-middle", keyed: false);
        await using var held = await proxied.Database.Source.OpenConnectionAsync();
        await using var locked = await held.BeginTransactionAsync();
        // Both get as far as their own rows, and are not answered.
        await using (var take = new Npgsql.NpgsqlCommand("LOCK TABLE cohorts, invite_codes IN ACCESS EXCLUSIVE MODE", held)) await take.ExecuteNonQueryAsync();
        var clock = Stopwatch.StartNew();
        Task<HttpResponseMessage>[] calls = [client.PostAsJsonAsync("cohorts", new { count = 10 }), client.PostAsJsonAsync("campaigns", new { name = "Away", count = 10, maxUsesEach = 1 })];
        await WaitFor.True(async () => await proxied.Database.Scalar<long>("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IN ('cohorts'::regclass, 'invite_codes'::regclass)") >= 2);
        proxied.Network.BlackHole();
        var answers = await Task.WhenAll(calls);
        var took = clock.Elapsed;
        proxied.Network.Pass();
        await locked.RollbackAsync();
        output.WriteLine($"Answered after {took.TotalSeconds:0.0} s.");
        Assert.All(answers, a => Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, a.StatusCode));
        Assert.InRange(took, TimeSpan.Zero, MostPerRequest);
        await WaitFor.True(async () => (await client.GetAsync("/healthz/ready")).IsSuccessStatusCode);
    }

    private void Away(ProxyMode mode)
    {
        if (mode == ProxyMode.Refuse) proxied.Network.Refuse();
        else if (mode == ProxyMode.BlackHole) proxied.Network.BlackHole();
        else proxied.Network.HalfOpen();
    }

    private static object Person(string name) => new { email = $"{name}@example.com".ToLowerInvariant(), name = "Ann Example", emailVerified = true };

    private static async Task<string> Join(HttpClient client, ConcurrentBag<string> known, string name, bool keyed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "waitlist") { Content = JsonContent.Create(Person(name)) };
        if (keyed) request.Headers.Add("Idempotency-Key", name);
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        known.Add($"{name}@example.com".ToLowerInvariant());
        return new Uri((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("statusLink").GetString()!).AbsolutePath;
    }

    /// <summary>A mix of everything: with and without a key, reads, pages.</summary>
    private static async Task<Asked> Ask(HttpClient client, ConcurrentBag<string> known, int i, ProxyMode mode, string link)
    {
        var email = $"{mode}-during-{i}@example.com".ToLowerInvariant();
        using var request = (i % 4) switch
        {
            0 => new HttpRequestMessage(HttpMethod.Get, link.Replace("/waitlist/status/", "waitlist/", StringComparison.Ordinal)[..]),
            1 => new HttpRequestMessage(HttpMethod.Get, link),
            _ => new HttpRequestMessage(HttpMethod.Post, "waitlist") { Content = JsonContent.Create(Person($"{mode}-during-{i}")) },
        };
        if (i % 4 == 3) request.Headers.Add("Idempotency-Key", email);
        var clock = Stopwatch.StartNew();
        using var response = await client.SendAsync(request);
        if (i % 4 >= 2 && response.IsSuccessStatusCode) known.Add(email);
        return new(request.RequestUri!.ToString(), (int)response.StatusCode, response.Headers.RetryAfter is not null, clock.Elapsed);
    }

    private static async Task<TimeSpan> Readiness(HttpClient client)
    {
        var clock = Stopwatch.StartNew();
        await WaitFor.True(async () => (int)(await client.GetAsync("/healthz/ready")).StatusCode == 503);
        return clock.Elapsed;
    }

    private sealed record Asked(string Path, int Status, bool RetryAfter, TimeSpan Took);
}
