using System.Text;
using InviteAdmin.Api;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class BadInputTests(RunningApp app) : IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"email\":\"a@example.com\",\"email\":\"b@example.com\",\"name\":\"Ann\"}")]
    [InlineData("{\"email\":}")]
    [InlineData("{} {}")]
    [InlineData("{\"email\":NaN}")]
    public async Task Body_NotOneObject_IsMalformed(string body) => (await _api.PostText("/waitlist", body)).Problem(400, "malformed-json");

    [Fact]
    public async Task Body_BytesAndDepths_AreRefusedWithoutAFault()
    {
        (await _api.PostRaw("/waitlist", [.. "{\"email\":\""u8, 0xff, 0xfe, .. "\"}"u8])).Problem(400, "malformed-json");
        (await _api.PostText("/waitlist", "{\"x\":" + new string('[', 1_000) + new string(']', 1_000) + "}")).Problem(400, "malformed-json");
        (await _api.PostText("/waitlist", """{"email":"a@example.com","name":"A\ud800"}""")).Invalid("name");
        (await _api.PostText("/waitlist", """{"email":"a@example.com","name":"A\u0000"}""")).Invalid("name");
        (await _api.PostText("/waitlist", "{\"email\":\"a@example.com\",\"name\":\"" + new string('n', 60_000) + "\"}")).Invalid("name");
        (await _api.PostText("/waitlist", "{\"email\":\"a@example.com\",\"name\":\"" + new string('n', 70_000) + "\"}")).Problem(413, "body-too-large");
        (await _api.PostText("/waitlist", "{\"name\":\"" + new string('n', 1_000_000) + "\"}", "large")).Problem(413, "body-too-large");
        // To the byte: 64 KB are read, one more is not.
        (await _api.PostText("/waitlist", "{\"name\":\"" + new string('n', BodyBound.MostBytes - 11) + "\"}")).Invalid("email", "name");
        (await _api.PostText("/waitlist", "{\"name\":\"" + new string('n', BodyBound.MostBytes - 10) + "\"}")).Problem(413, "body-too-large");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Body_OtherMediaType_Is415(string type) =>
        (await _api.PostRaw("/waitlist", Encoding.UTF8.GetBytes("{}"), mediaType: type)).Problem(415, "unsupported-media-type");

    [Fact]
    public async Task Route_UnknownOrOtherMethod_IsAProblem()
    {
        foreach (var path in (string[])["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/waitlist", "/api/v1/cohorts/1/nothing"])
        {
            (await _api.Send(new HttpRequestMessage(HttpMethod.Get, path))).Problem(404, "not-found");
        }

        foreach (var (method, path, allow) in ((HttpMethod, string, string)[])
            [(HttpMethod.Delete, "/waitlist", "POST"), (HttpMethod.Get, "/redemptions", "POST"), (HttpMethod.Put, "/cohorts", "GET"), (HttpMethod.Post, "/leaderboard", "GET"), (HttpMethod.Patch, "/codes/ABCD", "GET")])
        {
            var answer = await _api.Send(new HttpRequestMessage(method, "/api/v1" + path));
            answer.Problem(405, "method-not-allowed");
        }
    }

    [Theory]
    [InlineData("/codes/%01")]
    [InlineData("/codes/%E2%80%AE")]
    [InlineData("/cohorts/%ED%A0%80")]
    [InlineData("/waitlist/%FF")]
    [InlineData("/campaigns/%0A/codes.csv")]
    public async Task RouteValue_NotPlainText_IsNotFound(string path) => Assert.InRange((int)(await _api.Get(path)).Status, 400, 404);

    [Fact]
    public async Task RouteValue_Long_IsNotFound() => (await _api.Get($"/cohorts/{new string('9', 4_000)}")).Problem(404, "not-found");

    [Fact]
    public async Task Problem_EveryType_HasItsPage()
    {
        using var http = app.NewHttpClient();
        var index = await http.GetStringAsync("/problems");
        foreach (var type in ProblemType.All)
        {
            Assert.Contains($"/problems/{type.Slug}", index, StringComparison.Ordinal);
            Assert.Contains(type.Title, System.Net.WebUtility.HtmlDecode(await http.GetStringAsync($"/problems/{type.Slug}")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Problem_EveryFailureOfTheCore_HasAType()
    {
        // What only staff do on the dashboard: nobody meets these over HTTP.
        string[] elsewhere = ["staff-exists", "list-not-empty", "job-paused", "last-owner", "stale-edit", "source-used", "source-taken", "milestone-exists",
            "revocation-stands", "code-changed", "code-lapsed", "limit-below-used", "limit-fixed", "code-moved", "invitation-on-its-way", "gets-no-mail", "resend-left", "points-taken-back", "already-rewarded", "not-rewarded", "key-ended", "erased-address", "made-by-workers", "no-chat"];
        var failures = typeof(Failure).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Failure)) && t.GetConstructor([]) is not null).Select(t => (Failure)Activator.CreateInstance(t)!);
        Assert.All(failures.Select(f => f.Slug).Except(elsewhere), slug => Assert.NotNull(ProblemType.Find(slug)));
    }

    public void Dispose() => _api.Dispose();
}
