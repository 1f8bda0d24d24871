using System.Text;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Developers;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class RequestLogTests(RunningApp app, FreshDatabase database) : IClassFixture<FreshDatabase>, IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task Request_OfEveryKind_IsNotedWithoutAddressesOrSecrets()
    {
        var joined = await _api.Post("/waitlist", new { email = "logged@example.com", name = "Lotte Logged", emailVerified = true, surprise = "lotte@example.com" }, "log-1");
        var token = joined.Expect(201).GetProperty("statusLink").GetString()!.Split('/')[^1];
        await _api.Post("/waitlist", new { email = "logged@example.com", name = "Lotte Logged", emailVerified = true, surprise = "lotte@example.com" }, "log-1");
        await _api.Post("/waitlist", new { email = "lotte", name = "Lotte" }, "lotte@example.com");
        await _api.Get($"/waitlist/{token}");
        await _api.Get("/codes/LOTT-ESEC-RET0");
        await _api.Get("/people?query=logged%40example.com&limit=7");
        await _api.Get("/cohorts/lotte@example.com");
        await _api.Post("/redemptions", new { code = "LOTT-ESEC-RET0", email = "logged@example.com", name = "Lotte" }, "log-2");
        await _api.Get("/wait/lotte@example.com/LOTTESECRET");
        await _api.PostText("/waitlist", "lotte@example.com", "log-3");
        await _api.PostText("/waitlist", "{\"name\":\"" + new string('n', 70_000) + "\"}");
        using var stranger = new ApiClient(app.Address, "ia_LOTTESECRET");
        await stranger.Post("/waitlist", new { email = "logged@example.com", name = "Lotte" });

        var rows = await Written(12);
        var text = JsonSerializer.Serialize(rows);
        foreach (var secret in (string[])["logged@", "Lotte", "lotte", "LOTT", token, _api.Key!]) Assert.DoesNotContain(secret, text, StringComparison.Ordinal);

        var first = rows.Single(r => r.IdempotencyKey == "log-1" && !r.Replayed);
        Assert.Equal(("POST", "/api/v1/waitlist", 201, "development", joined.Header("X-Request-Id")), (first.Method, first.Path, first.Status, first.KeyId, first.RequestId));
        Assert.Equal("""{"email":"[email]","name":"[12 characters]","emailVerified":true,"surprise":"[email]"}""", first.Body);
        Assert.InRange(first.Milliseconds, 0.01, 60_000);
        Assert.Single(rows, r => r.IdempotencyKey == "log-1" && r.Replayed && r.Status == 201);
        Assert.Single(rows, r => r is { IdempotencyKey: "[email]", Problem: "validation", Status: 422 });
        Assert.Single(rows, r => r is { Path: "/api/v1/waitlist/[statusToken]", Status: 200 });
        Assert.Single(rows, r => r is { Path: "/api/v1/codes/[code]", Status: 200 });
        Assert.Single(rows, r => r is { Path: "/api/v1/people?query=[…]&limit=7", Status: 200 });
        Assert.Single(rows, r => r is { Path: "/api/v1/cohorts/[email]", Problem: "not-found" });
        Assert.Single(rows, r => r is { IdempotencyKey: "log-2", Problem: "code-unknown" });
        Assert.Single(rows, r => r is { Path: "/api/v1/wait/[…]/[…]", Status: 404, Route: "/api/{**rest}" });
        Assert.Single(rows, r => r is { IdempotencyKey: "log-3", Body: "[not JSON, 17 bytes]", Status: 400 });
        Assert.Single(rows, r => r is { Status: 413, Body: "[70,011 bytes]" });
        Assert.Single(rows, r => r is { Status: 401, KeyId: null, Body: null });
        Assert.Equal($"curl -gsS -X POST 'https://x/api/v1/waitlist' \\\n  -H \"Authorization: Bearer $KEY\" \\\n  -H 'Idempotency-Key: log-1' \\\n  -H 'Content-Type: application/json' \\\n  -d '{first.Body}'", CurlText.Of(first, "https://x"));

        var queries = app.Services.GetRequiredService<RequestLogQueries>();
        Assert.All((await queries.Page(new(Status: 4), null, 50, default)).Rows, r => Assert.InRange(r.Status, 400, 499));
        Assert.Equal(first.Id, Assert.Single((await queries.Page(new(Id: first.RequestId), null, 50, default)).Rows).Id);
        Assert.All((await queries.Page(new("GET", "/api/v1/codes/{code}", 200, "development"), null, 50, default)).Rows, r => Assert.Equal("/api/v1/codes/[code]", r.Path));
        var page = await queries.Page(new(), null, 3, default);
        Assert.True(page.More && (await queries.Page(new(), page.Rows[^1].Id, 3, default)).Rows[0].Id < page.Rows[^1].Id);
    }

    /// <summary>Faster than it is meant to take: never waits, keeps what was refused, and says how many it left out.</summary>
    [Fact]
    public async Task Note_MoreThanItTakes_LeavesOutTheSuccessfulFirstAndCountsThem()
    {
        using var log = new RequestLog(database.Source, TimeProvider.System, NullLogger<RequestLog>.Instance);
        for (var i = 0; i < 5_000; i++) log.Note(Request(201));
        for (var i = 0; i < 300; i++) log.Note(Request(422));
        Assert.False(log.HasRoom);
        Assert.Equal(800, await log.Write(default));
        Assert.Equal(4_500L, await database.Scalar<decimal>("SELECT sum(requests) FROM request_log_missed"));
        Assert.Equal(300, await database.Scalar<long>("SELECT count(*) FROM request_log WHERE status = 422"));

        await database.Execute("UPDATE request_log SET at = now() - interval '8 days' WHERE status = 201");
        Assert.Equal(500, await log.Sweep(default));
        Assert.Equal(300, await database.Scalar<long>("SELECT count(*) FROM request_log"));

        static NotedRequest Request(int status) => new(DateTimeOffset.UnixEpoch.AddYears(60), 1, "POST", "/api/v1/waitlist", "/api/v1/waitlist", status, null, "key_1", null, false, "1", null, 0);
    }

    [Theory]
    [InlineData("""{"a":"b@c.de","n":[1,2.5,null,true,"x"],"o":{"name":"Ann","metric":"signal"}}""", """{"a":"[email]","n":[1,2.5,null,true,"[1 characters]"],"o":{"name":"[3 characters]","metric":"signal"}}""")]
    [InlineData("""{"zone":"Europe/Berlin","sendAt":"09:00","days":["mon","ann@example.com"]}""", """{"zone":"Europe/Berlin","sendAt":"09:00","days":["mon","[email]"]}""")]
    [InlineData("""{"ann@example.com":1,"zone":{"x":"secret"}}""", """{"[email]":1,"zone":{"x":"[6 characters]"}}""")]
    [InlineData("\"ann@example.com\"", "\"[email]\"")]
    [InlineData("{", "[not JSON, 1 bytes]")]
    [InlineData("{\"zone\":\"\\u0000\\ud800\"}", null)]
    public void Body_Redacted_KeepsItsShapeAlone(string body, string? expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var redacted = RedactedBody.Of(bytes, bytes.Length)!;
        if (expected is not null) Assert.Equal(expected, redacted);
        Assert.DoesNotContain('\0', redacted);
    }

    public void Dispose() => _api.Dispose();

    private async Task<IReadOnlyList<RequestLine>> Written(int most)
    {
        var log = app.Services.GetRequiredService<RequestLog>();
        await log.Write(default);
        var rows = new List<RequestLine>();
        // The app's own loop may have taken some a moment ago.
        await WaitFor.True(async () =>
        {
            rows = [.. (await app.Services.GetRequiredService<RequestLogQueries>().Page(new(), null, most, default)).Rows];
            return rows.Any(r => r.Status == 401) && rows.Any(r => r.IdempotencyKey == "log-1");
        });
        return rows;
    }
}
