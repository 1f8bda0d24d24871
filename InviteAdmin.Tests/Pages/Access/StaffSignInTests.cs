using System.Net;
using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Access;

public sealed class StaffSignInTests(RunningApp app) : IClassFixture<RunningApp>
{
    [Theory]
    [InlineData("/admin", "/admin")]
    [InlineData("/admin/waitlist?page=2", "/admin/waitlist?page=2")]
    [InlineData(null, "/admin")]
    [InlineData("https://elsewhere.example.com", "/admin")]
    [InlineData("//elsewhere.example.com", "/admin")]
    [InlineData("/\\elsewhere.example.com", "/admin")]
    [InlineData("/\t/elsewhere.example.com", "/admin")]
    public void ReturnUrl_OnlyPathsOfThisSite(string? given, string goesTo) => Assert.Equal(goesTo, PasswordCheck.LocalOnly(given));

    [Theory]
    [InlineData("/admin")]
    [InlineData("/admin/waitlist")]
    [InlineData("/admin/waitlist.csv")]
    public async Task Stranger_AnyPageOfTheDashboard_IsSentToSignIn(string path)
    {
        using var client = app.NewHttpClient();

        var answer = await client.GetAsync(path);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith("/sign-in", answer.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FrontDoor_Stranger_GoesToTheWaitlist()
    {
        using var client = app.NewHttpClient();

        Assert.Equal("/waitlist", (await client.GetAsync("/")).Headers.Location!.ToString());
    }

    [Fact]
    public async Task CircuitSocket_Stranger_IsRefused()
    {
        using var client = app.NewHttpClient();

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null)).StatusCode);
    }

    [Fact]
    public async Task CircuitSocket_OpenedByAnotherSite_IsRefused()
    {
        using var client = app.NewHttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        request.Headers.Add("Origin", "https://elsewhere.example.com");

        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task EveryAnswer_CarriesOnePolicy()
    {
        using var client = app.NewHttpClient();

        var answer = await client.GetAsync("/sign-in");

        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Password_FiveWrongTries_LocksEvenTheRightOneOut()
    {
        await using var scope = app.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<StaffUser>>();
        var user = (await users.FindByEmailAsync(SignedIn.As(Role.Developer).Email))!;

        for (var i = 0; i < 5; i++) await users.AccessFailedAsync(user);

        // In the database, so that another process sees it too.
        Assert.True(await app.Database.Scalar<bool>($"SELECT lockout_end > now() + interval '14 minutes' FROM staff_users WHERE id = {user.Id}"));
    }
}
