using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using InviteAdmin.Public;
using InviteAdmin.Tests.Api;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;

namespace InviteAdmin.Tests.Public;

/// <summary>What the widget asks, as anybody on the internet may ask it.</summary>
[Collection(ApiCollection.Name)]
public sealed class WidgetCallsTests(RunningApp app) : IDisposable
{
    private const string Site = "https://www.example.com";
    private readonly HttpClient _http = app.NewHttpClient();
    private readonly FormClient _browser = new(app);
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task Join_OfANewEmail_ShowsThePlaceOnceItIsConfirmed()
    {
        var token = await Join("widget.new@example.com");
        Assert.Equal("""{"shown":false}""", (await Watch(token)).Text);
        // Only the hash is kept.
        Assert.Equal(Convert.ToHexStringLower(JoinWatch.HashOf(token)), await app.Database.Scalar<string>(
            "SELECT encode(w.token_hash, 'hex') FROM join_watches w JOIN waitlist_entries e ON e.id = w.entry_id WHERE e.email = 'widget.new@example.com' AND w.site = 'www.example.com'"));

        var confirm = $"/waitlist/confirm/{await app.Database.Scalar<string>("SELECT confirm_token FROM waitlist_entries WHERE email = 'widget.new@example.com'")}";
        (await _browser.Get(confirm)).Expect(200);
        Assert.Equal("""{"shown":false}""", (await Watch(token)).Text);
        (await _browser.Send(confirm, confirm)).Expect(303);

        var place = (await Watch(token, "?lang=de")).Json.GetProperty("place");
        Assert.Equal("Dein Platz auf der Liste", place.GetProperty("heading").GetString());
        Assert.Matches(@"^[\d.]+$", place.GetProperty("rank").GetString());
        Assert.Contains("/waitlist?ref=", place.GetProperty("link").GetString()!, StringComparison.Ordinal);
        Assert.Equal(["E-Mail", "WhatsApp", "X", "LinkedIn"], place.GetProperty("ways").EnumerateArray().Select(w => w.GetProperty("name").GetString()));
        // The page of one person stays theirs.
        Assert.DoesNotContain(await app.Database.Scalar<string>("SELECT status_token FROM waitlist_entries WHERE email = 'widget.new@example.com'"), (await Watch(token)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_OfSomebodyOnTheList_ShowsNothingBeforeTheySayThatItWasThem()
    {
        var entry = await _api.Waiting("widget.known@example.com");
        var page = new Uri(entry.GetProperty("statusLink").GetString()!).AbsolutePath;
        (await _browser.Get(page)).Expect(200);
        var token = await Join("Widget.Known+x@example.com".Replace("+x", "", StringComparison.Ordinal));

        // Scanners of mail follow links: to look is to say nothing.
        (await _browser.Get(page)).Expect(200, "Was that you?", "on www.example.com");
        Assert.Equal("""{"shown":false}""", (await Watch(token)).Text);
        (await _browser.Post($"{page}/show", new FormUrlEncodedContent([]))).Expect(303);
        Assert.Equal("""{"shown":false}""", (await Watch(token)).Text);

        Assert.Equal(page, (await _browser.Send(page, $"{page}/show")).Expect(303).Location);
        Assert.DoesNotContain("Was that you?", (await _browser.Get(page)).Html, StringComparison.Ordinal);
        Assert.True((await Watch(token)).Json.GetProperty("shown").GetBoolean());
        (await _browser.Send("/waitlist", "/waitlist/status/nobody/show")).Expect(404);

        // Half an hour later nobody hears any more, and after an hour nothing is left of it.
        await app.Database.Execute("UPDATE join_watches SET created_at = created_at - interval '31 minutes'");
        (await Watch(token)).Problem(404, "token-unknown");
        await app.Database.Execute("UPDATE join_watches SET created_at = created_at - interval '30 minutes'");
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ShowPlace>().Sweep(default);
        Assert.Equal(0, await app.Database.Scalar<long>("SELECT count(*) FROM join_watches"));
    }

    [Fact]
    public async Task Join_KnownMemberUnconfirmedAndUnknown_SameStatusBodyAndHeaders()
    {
        await _api.Waiting("same.known@example.com");
        await _api.Member("same.member@example.com");
        await Join("same.unconfirmed@example.com");
        var seen = new HashSet<string>();
        for (var round = 0; round < 3; round++)
        {
            foreach (var who in (string[])["known", "member", "unconfirmed", $"unknown{round}"])
            {
                var asked = System.Diagnostics.Stopwatch.StartNew();
                using var answer = await Post("join", Site, ("email", $"same.{who}@example.com"), ("name", "Ann"));
                var text = await answer.Content.ReadAsStringAsync();
                // Nobody's is so much less work that it could be answered sooner.
                Assert.True(asked.ElapsedMilliseconds >= 99, $"{who}: {asked.Elapsed}");
                seen.Add($"{answer.StatusCode} {string.Join('|', answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Date" or "RateLimit")).Select(h => $"{h.Key}: {string.Join(',', h.Value)}").Order())} {Regex.Replace(text, "\"[0-9a-z]{32}\"", "token")}");
            }
        }

        Assert.StartsWith("Accepted", Assert.Single(seen), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_WithBadInput_SayWhatIsWrongAndDoNothing()
    {
        var before = await app.Database.Scalar<long>("SELECT count(*) FROM waitlist_entries");
        using (var wrong = await Post("join?lang=de", Site, ("email", "ann@example"), ("name", "www.spam.example")))
        {
            var problem = await Answer(wrong);
            problem.Invalid("email", "name");
            Assert.Equal("Der Name darf keine Webadresse enthalten.", problem.Json.GetProperty("errors").GetProperty("name")[0].GetString());
        }

        foreach (var (call, content) in ((string, HttpContent)[])
            [("join", new StringContent("{}", null, "application/json")), ("watch", new StringContent("{}", null, "application/json")), ("join", new FormUrlEncodedContent([new("email", new string('x', 70_000))]))])
        {
            using var answer = await _http.PostAsync($"/widget/{call}", content);
            (await Answer(answer)).Problem(400, "bad-request");
        }

        foreach (var token in (string[])["", "nobody", "\u202E", new string('x', 200)])
        {
            (await Watch(token)).Problem(404, "token-unknown");
        }

        using (var refused = await Post("join", "https://evil.example", ("email", "widget.evil@example.com"), ("name", "Ann")))
        {
            (await Answer(refused)).Problem(403, "origin-refused");
        }

        Assert.Equal(before, await app.Database.Scalar<long>("SELECT count(*) FROM waitlist_entries"));
        // Also with words, a referral and a source that are none of ours.
        await Join("widget.odd@example.com", ("ref", new string('x', 5_000)), ("src", "\u202E"), ("lang", "xx"));
    }

    [Fact]
    public async Task Cors_OfTheConfiguredOriginsAndTheWidgetAlone()
    {
        foreach (var (origin, allowed) in ((string, bool)[])[(Site, true), ("http://127.0.0.1:3000", true), ("http://www.example.com", false), ("https://www.example.com.evil.example", false), ("https://example.com", false), ("null", false)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/widget/look") { Headers = { { "Origin", origin } } };
            using var answer = await _http.SendAsync(request);
            Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal(allowed ? origin : null, Header(answer, "Access-Control-Allow-Origin"));
            Assert.Null(Header(answer, "Access-Control-Allow-Credentials"));
        }

        foreach (var path in (string[])["/waitlist", "/signup", "/brand/1b5fae.css", "/widget.js", "/admin", "/sign-in", "/api/v1/waitlist/x", "/api/v1/stats", "/healthz/ready", "/openapi/v1.json", "/problems", "/no/such/page"])
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Options])
            {
                using var request = new HttpRequestMessage(method, path) { Headers = { { "Origin", Site }, { "Access-Control-Request-Method", "POST" } } };
                using var answer = await _http.SendAsync(request);
                Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [Fact]
    public async Task Script_IsSmallKeptAWhileAndSetsNoCookie()
    {
        using var script = await _http.GetAsync("/widget.js");
        Assert.True((await script.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync()).Length < 10_000);
        Assert.Equal(("public, max-age=300", "cross-origin", "nosniff"), (Header(script, "Cache-Control"), Header(script, "Cross-Origin-Resource-Policy"), Header(script, "X-Content-Type-Options")));
        using var look = await _http.GetAsync("/widget/look?lang=de");
        Assert.Contains("Auf die Warteliste", JsonDocument.Parse(await look.Content.ReadAsStringAsync()).RootElement.GetProperty("words").GetProperty("heading").GetString()!, StringComparison.Ordinal);
        using var join = await Post("join", Site, ("email", "widget.cookie@example.com"), ("name", "Ann"));
        Assert.All((HttpResponseMessage[])[script, look, join], a => Assert.Null(Header(a, "Set-Cookie")));
    }

    [Theory]
    [InlineData(Site, 303)]
    [InlineData("https://evil.example", 400)]
    [InlineData("null", 400)]
    public async Task PlainForm_OnAPageOfTheCompany_JoinsAtOnceAndElsewhereIsShownAgain(string origin, int status)
    {
        var email = $"plain.{status}.{origin.Length}@example.com";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/waitlist?lang=de") { Headers = { { "Origin", origin } }, Content = new FormUrlEncodedContent([new("email", email), new("name", "Ann")]) };
        using var answer = await _http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 303 ? "/waitlist/sent?lang=de" : null, answer.Headers.Location?.ToString());
        if (status == 400) Assert.Contains($"value=\"{email}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(status == 303, await app.Database.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM waitlist_entries WHERE email = '{email}')"));
    }

    [Fact]
    public void Origins_ThatAreNone_StopTheStartAndNameTheirKey()
    {
        var options = new WidgetOptions { Origins = [Site, "https://www.example.com/", "https://*.example.com", "www.example.com", "https://ann@www.example.com", "ftp://www.example.com", "https://www.example.com/shop", "http://www.example.com", "", "*"] };
        var problems = WidgetOptions.Problems(options, new HostingEnvironment { EnvironmentName = Environments.Production }).ToList();
        Assert.Equal(Enumerable.Range(1, 9).Select(n => $"Widget:Origins:{n}"), problems.Select(p => p.Split(' ')[0]));
        Assert.Empty(WidgetOptions.Problems(new() { Origins = [Site, "http://shop.example.com:8080", "https://münchen.example"] }, new HostingEnvironment { EnvironmentName = Environments.Development }));
        Assert.Equal(("https://xn--mnchen-3ya.example", "https://www.example.com", "http://[::1]:81"), (WidgetOrigins.Name("https://MÜNCHEN.example"), WidgetOrigins.Name("https://www.example.com:443"), WidgetOrigins.Name("http://[::1]:81")));
    }

    public void Dispose()
    {
        _http.Dispose();
        _browser.Dispose();
        _api.Dispose();
    }

    private async Task<string> Join(string email, params (string Name, string Value)[] more)
    {
        using var answer = await Post("join", Site, [("email", email), ("name", "Ann Example"), .. more]);
        return (await Answer(answer)).Expect(202).GetProperty("watch").GetString()!;
    }

    private async Task<ApiAnswer> Watch(string token, string query = "")
    {
        using var answer = await Post($"watch{query}", Site, ("token", token));
        return await Answer(answer);
    }

    private async Task<HttpResponseMessage> Post(string call, string origin, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/widget/{call}") { Headers = { { "Origin", origin } }, Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        return await _http.SendAsync(request);
    }

    private static async Task<ApiAnswer> Answer(HttpResponseMessage answer) => new(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(), answer.Content.Headers.ContentType?.ToString(), answer.Headers);

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
