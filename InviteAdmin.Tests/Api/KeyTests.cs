using System.Net.Http.Headers;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class KeyTests(RunningApp app)
{
    private static readonly (string Scope, string Method, string Path, object? Body)[] Calls =
    [
        ("join", "POST", "/waitlist", new { }),
        ("redeem", "GET", "/codes/ABCD", null),
        ("redeem", "POST", "/redemptions", new { }),
        ("manage", "POST", "/codes/ABCD/revoke", new { reason = "x" }),
        ("manage", "POST", "/members/usr_x/codes", new { count = 1 }),
        ("manage", "POST", "/campaigns", new { }),
        ("manage", "GET", "/campaigns/x/codes.csv", null),
        ("manage", "POST", "/cohorts", new { count = 0 }),
        ("read", "GET", "/cohorts", null),
        ("read", "GET", "/cohorts/x", null),
        ("manage", "POST", "/cohorts/x/undo", null),
        ("manage", "POST", "/cohorts/x/recall", new { }),
        ("read", "GET", "/leaderboard", null),
        ("read", "GET", "/members/usr_x", null),
        ("read", "GET", "/members/usr_x/referrals", null),
    ];

    [Fact]
    public async Task EveryCall_WithoutOrWithAWrongKey_Is401()
    {
        foreach (var key in (string?[])[null, "", "wrong", "ia_WRONG", new string('x', 5_000)])
        {
            using var api = new ApiClient(app.Address, key);
            foreach (var (_, method, path, body) in Calls)
            {
                var answer = method == "GET" ? await api.Get(path) : await api.Post(path, body);
                answer.Problem(401, "unauthorized");
                Assert.Equal("Bearer", answer.Header("WWW-Authenticate"));
            }
        }
    }

    [Fact]
    public async Task EveryCall_EveryScopeAlone_OnlyItsOwnIsLetIn()
    {
        foreach (var scope in (string[])["join", "redeem", "read", "manage"])
        {
            using var api = await ApiClient.With(app, scope);
            foreach (var (needs, method, path, body) in Calls)
            {
                var answer = method == "GET" ? await api.Get(path) : await api.Post(path, body);
                if (needs == scope) Assert.False((int)answer.Status is 401 or 403, answer.Text);
                else answer.Problem(403, "not-allowed");
            }
        }
    }

    [Fact]
    public async Task Key_OtherSchemes_Are401()
    {
        using var api = new ApiClient(app.Address, null);
        foreach (var header in (string[])[$"Basic {ApiClient.DevelopmentKey(app)}", ApiClient.DevelopmentKey(app)])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/leaderboard") { Headers = { Authorization = AuthenticationHeaderValue.Parse(header) } };
            (await api.Send(request)).Problem(401, "unauthorized");
        }
    }

    [Fact]
    public async Task Key_UsedThenRevoked_NotesItsUseAndEnds()
    {
        using var api = await ApiClient.With(app, "read");
        (await api.Get("/leaderboard")).Expect(200);
        var hash = Convert.ToHexStringLower(InviteAdmin.Access.ApiKeys.Hash(api.Key!));
        Assert.True(await app.Database.Scalar<bool>($"SELECT last_used_at > now() - interval '1 minute' FROM api_keys WHERE encode(secret_hash, 'hex') = '{hash}'"));
        await app.Database.Scalar<long>($"UPDATE api_keys SET revoked_at = now() WHERE encode(secret_hash, 'hex') = '{hash}' RETURNING id");
        (await api.Get("/leaderboard")).Problem(401, "unauthorized");
    }

    [Fact]
    public async Task KeysCreate_Verb_PrintsAKeyThatWorks()
    {
        var verb = await AppProcess.Finish(app.Database.Settings, "keys", "create", "--name", "Backend", "--scopes", "join,read");
        Assert.True(await verb.Exit() == 0, verb.Errors);
        using var api = new ApiClient(app.Address, verb.Output.Trim().Split('\n')[^1].Trim());
        (await api.Get("/leaderboard")).Expect(200);
        (await api.Get("/codes/ABCD")).Problem(403, "not-allowed");

        var wrong = await AppProcess.Finish(app.Database.Settings, "keys", "create", "--name", "Backend", "--scopes", "everything");
        Assert.Equal(1, await wrong.Exit());
        Assert.Contains("join, redeem, read, manage", wrong.Errors, StringComparison.Ordinal);
    }
}
