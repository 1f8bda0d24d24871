using System.Net;
using InviteAdmin.Api;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

public sealed class LimitTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    [Fact]
    public async Task Limits_KeyAddressPageAndForm_EachHasItsWindow()
    {
        await using var app = await AppProcess.Start(new Dictionary<string, string>(database.Settings)
        {
            ["Api__DevelopmentKey"] = "dev_limits_limits_limits_limits",
            ["Limits__KeyPerMinute"] = "5",
            ["Limits__AnonymousPerMinute"] = "4",
            ["Limits__PagesPerMinute"] = "3",
            ["Limits__FormsPerMinute"] = "2",
        });
        using var api = new ApiClient(app.Address, "dev_limits_limits_limits_limits");
        for (var left = 4; left >= 0; left--)
        {
            var answer = await api.Get("/leaderboard");
            answer.Expect(200);
            Assert.Equal("\"key\";q=5;w=60", answer.Header("RateLimit-Policy"));
            Assert.Matches($"^\"key\";r={left};t=[1-6]?[0-9]$", answer.Header("RateLimit"));
        }

        var refused = await api.Post("/waitlist", new { email = "limits@example.com", name = "Ann" }, "limits");
        refused.Problem(429, "rate-limited");
        Assert.InRange(int.Parse(refused.Header("Retry-After")!), 1, 60);
        Assert.StartsWith("\"key\";r=0;t=", refused.Header("RateLimit"), StringComparison.Ordinal);

        // A key's window is not the address's, and guessing keys uses up the address's.
        using var guesser = new ApiClient(app.Address, "ia_GUESS");
        for (var i = 0; i < 4; i++) (await guesser.Get("/leaderboard")).Problem(401, "unauthorized");
        (await guesser.Get("/leaderboard")).Problem(429, "rate-limited");

        using var http = new HttpClient { BaseAddress = app.Address };
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/waitlist")).StatusCode);
        using var page = await http.GetAsync("/waitlist");
        Assert.Equal(HttpStatusCode.TooManyRequests, page.StatusCode);
        Assert.NotNull(page.Headers.RetryAfter);
        Assert.Contains("Too many requests", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync("/waitlist", new FormUrlEncodedContent([]))).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await http.PostAsync("/waitlist", new FormUrlEncodedContent([]))).StatusCode);
        // The widget's join is a form too.
        using var widget = await http.PostAsync("/widget/join", new FormUrlEncodedContent([]));
        Assert.Equal((HttpStatusCode.TooManyRequests, "application/problem+json", true), (widget.StatusCode, widget.Content.Headers.ContentType?.MediaType, widget.Headers.RetryAfter is not null));
    }

    [Fact]
    public void Window_RedisForgotEverything_GivesNoMoreThanWasLeft()
    {
        var window = new RateWindow();
        Assert.True(window.Grant(0, granted: 3, left: 1, milliseconds: 60_000).Allowed);
        Assert.Equal(new RateTaken(true, 2, 50), window.TakeHeld(10_000));
        Assert.Equal((3, 50_000), window.Standing(10_000, 60_000));
        Assert.Equal(new RateTaken(true, 1, 50), window.TakeHeld(10_000));
        Assert.Null(window.TakeHeld(10_000));
        // Its share is four, and three of it were dealt out.
        Assert.Equal(new RateTaken(true, 0, 50), window.TakeShare(10_000, 4, 60_000));
        Assert.False(window.TakeShare(10_000, 4, 60_000).Allowed);
        Assert.False(window.Grant(10_000, 0, 0, 50_000).Allowed);
        Assert.Equal(new RateTaken(false, 0, 1), window.TakeHeld(59_999));
        // The next window begins.
        Assert.Null(window.TakeHeld(60_000));
        Assert.Equal((0, 60_000), window.Standing(60_000, 60_000));
    }

    [Theory]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void Partition_Addresses_IPv6BySixtyFour(string one, string other, bool same) =>
        Assert.Equal(same, RateLimits.PartitionOf(IPAddress.Parse(one)) == RateLimits.PartitionOf(IPAddress.Parse(other)));
}
