using System.Text.Json;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class WaitlistCallsTests(RunningApp app) : IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);
    private readonly ApiClient _stranger = new(app.Address, null);

    [Fact]
    public async Task Join_NewThenAgain_CreatedThenTheSameEntry()
    {
        var first = await _api.Post("/waitlist", new { email = "Join.New@Example.com", name = "Ann Example", unknownField = 3 });
        var entry = first.Expect(201);
        Assert.Equal("join.new@example.com", entry.GetProperty("email").GetString());
        Assert.Equal("unconfirmed", entry.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("rank").ValueKind);
        Assert.EndsWith($"?ref={entry.GetProperty("referralToken").GetString()}", entry.GetProperty("referralLink").GetString());
        Assert.EndsWith("Z", entry.GetProperty("joinedAt").GetString());
        Assert.Empty(entry.GetProperty("warnings").EnumerateArray());
        Assert.Equal(
            ["id", "email", "name", "status", "position", "points", "rank", "referralToken", "referralLink", "statusLink", "joinedAt", "invitedAt", "warnings"],
            entry.EnumerateObject().Select(p => p.Name).OrderBy(n => Array.IndexOf(Order, n)));

        // The address of the new thing answers.
        Assert.Equal(entry.GetProperty("id").GetString(), (await _stranger.Get(first.Header("Location")!["/api/v1".Length..])).Expect(200).GetProperty("id").GetString());

        var again = (await _api.Post("/waitlist", new { email = "join.new@example.com", name = "Somebody Else" })).Expect(200);
        Assert.Equal(entry.GetProperty("id").GetString(), again.GetProperty("id").GetString());
    }

    private static readonly string[] Order = ["id", "email", "name", "status", "position", "points", "rank", "referralToken", "referralLink", "statusLink", "joinedAt", "invitedAt", "warnings"];

    [Fact]
    public async Task Join_UnknownReferral_IsIgnoredAndNamed() => Assert.Equal(
        ["referral"], (await _api.Post("/waitlist", new { email = "join.referral@example.com", name = "Ann", referral = "nobody" })).Expect(201).GetProperty("warnings").EnumerateArray().Select(w => w.GetString()));

    [Fact]
    public async Task Join_EmailVerified_WaitsAtOnceWithARank()
    {
        var entry = await _api.Waiting("join.verified@example.com");
        Assert.Equal("waiting", entry.GetProperty("status").GetString());
        Assert.True(entry.GetProperty("rank").GetInt64() >= 1);
    }

    [Fact]
    public async Task Join_BadFields_EachIsNamed()
    {
        (await _api.Post("/waitlist", new { email = "nope", name = "" })).Invalid("email", "name");
        (await _api.Post("/waitlist", new { email = "a@example.com", name = "Buy at https://spam.example" })).Invalid("name");
        (await _api.Post("/waitlist", new { })).Invalid("email", "name");
        (await _api.PostText("/waitlist", """{"email":5,"name":"Ann"}""")).Invalid("email");
        (await _api.PostText("/waitlist", """{"email":["a@example.com"],"name":"Ann"}""")).Invalid("email");
        (await _api.PostText("/waitlist", """{"email":"a@example.com","name":"Ann","emailVerified":"yes"}""")).Invalid("emailVerified");
    }

    [Fact]
    public async Task ConfirmStatusDecline_OneLife_EveryStepAnswersTheEntry()
    {
        var joined = (await _api.Post("/waitlist", new { email = "life@example.com", name = "Ann" })).Expect(201);
        var id = joined.GetProperty("id").GetString();
        var statusToken = joined.GetProperty("statusLink").GetString()!.Split('/')[^1];
        var token = await app.Database.Scalar<string>($"SELECT confirm_token FROM waitlist_entries WHERE public_id = '{id}'");

        for (var i = 0; i < 2; i++)
        {
            var confirmed = (await _stranger.Post("/waitlist/confirm", new { token })).Expect(200);
            Assert.Equal("waiting", confirmed.GetProperty("status").GetString());
        }

        var placed = (await _stranger.Get($"/waitlist/{statusToken}")).Expect(200);
        Assert.Equal(placed.GetProperty("rank").GetInt64() - 1, placed.GetProperty("ahead").GetInt64());
        Assert.True(placed.GetProperty("waiting").GetInt64() >= 1);
        Assert.Equal(JsonValueKind.Null, placed.GetProperty("estimate").ValueKind);
        Assert.False(placed.TryGetProperty("warnings", out _));

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("declined", (await _stranger.Post($"/waitlist/{statusToken}/decline")).Expect(200).GetProperty("status").GetString());
        }
    }

    [Fact]
    public async Task Tokens_UnknownOrOver_ProblemsOfTheirOwn()
    {
        (await _stranger.Post("/waitlist/confirm", new { token = "nobody" })).Problem(404, "token-unknown");
        (await _stranger.Post("/waitlist/confirm", new { })).Problem(404, "token-unknown");
        (await _stranger.Get("/waitlist/nobody")).Problem(404, "token-unknown");
        (await _stranger.Post("/waitlist/nobody/decline")).Problem(404, "token-unknown");

        var joined = (await _api.Post("/waitlist", new { email = "late@example.com", name = "Ann" })).Expect(201);
        var token = await app.Database.Scalar<string>(
            $"UPDATE waitlist_entries SET confirm_expires_at = now() - interval '1 second' WHERE public_id = '{joined.GetProperty("id").GetString()}' RETURNING confirm_token");
        (await _stranger.Post("/waitlist/confirm", new { token })).Problem(410, "token-expired");
    }

    [Fact]
    public async Task Decline_Member_IsRefused()
    {
        var entry = await _api.Waiting("declines.late@example.com");
        await _api.Member("declines.late@example.com");
        (await _stranger.Post($"/waitlist/{entry.GetProperty("statusLink").GetString()!.Split('/')[^1]}/decline")).Problem(409, "already-registered");
    }

    public void Dispose()
    {
        _api.Dispose();
        _stranger.Dispose();
    }
}
