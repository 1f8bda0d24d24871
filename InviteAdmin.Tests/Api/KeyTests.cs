using System.Net.Http.Headers;
using InviteAdmin.Access;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

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
    public async Task Key_UsedThenRevoked_NotesItsUseAndEndsAtOnce()
    {
        var (id, api) = await NewKey();
        using var _ = api;
        for (var i = 0; i < 20; i++) (await api.Get("/leaderboard")).Expect(200);
        Assert.True(await app.Services.GetRequiredService<ApiKeys>().WriteUse(default) > 0);
        Assert.True(await app.Database.Scalar<bool>($"SELECT last_used_at BETWEEN now() - interval '1 minute' AND now() FROM api_keys WHERE public_id = '{id}'"));
        Assert.True((await Do<RevokeApiKey, bool>(r => r.One(Actor.System, id, "A test.", default))).Must());
        (await api.Get("/leaderboard")).Problem(401, "unauthorized");
        Assert.False((await Do<RevokeApiKey, bool>(r => r.One(Actor.System, id, null, default))).Must());
        Assert.IsType<KeyEnded>((await Do<RollApiKey, NewKey>(r => r.One(Actor.System, id, default))).Failure);
    }

    /// <summary>As it is for a process that did not revoke it.</summary>
    [Fact]
    public async Task Key_RevokedOrExpiredElsewhere_EndsWithinSeconds()
    {
        foreach (var change in (string[])["revoked_at = now()", "expires_at = now()"])
        {
            var (id, api) = await NewKey();
            using var _ = api;
            (await api.Get("/leaderboard")).Expect(200);
            await app.Database.Scalar<long>($"UPDATE api_keys SET {change} WHERE public_id = '{id}' RETURNING id");
            await WaitFor.True(async () => (int)(await api.Get("/leaderboard")).Status == 401);
            (await api.Get("/leaderboard")).Problem(401, "unauthorized");
        }
    }

    [Fact]
    public async Task Key_Rolled_BothSecretsWorkAsOneKeyUntilTheOldOneEnds()
    {
        var (id, old) = await NewKey("join");
        using var _ = old;
        (await old.Post("/waitlist", new { email = "rolled@example.com", name = "Ann" }, "rolled")).Expect(201);
        using var next = new ApiClient(app.Address, (await Do<RollApiKey, NewKey>(r => r.One(Actor.System, id, default))).Must().Secret);
        var again = await next.Post("/waitlist", new { email = "rolled@example.com", name = "Ann" }, "rolled");
        again.Expect(201);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        (await old.Post("/waitlist", new { email = "rolled@example.com", name = "Ann" })).Expect(200);
        await app.Services.GetRequiredService<ApiKeys>().WriteUse(default);
        var row = (await app.Services.GetRequiredService<KeyQueries>().All(default)).Single(k => k.Id == id);
        Assert.True(row.PreviousUsedAt is not null && row.PreviousUntil > row.CreatedAt.AddHours(23) && row.PreviousPrefix == old.Key![..9]);

        // Rolled again, the first secret is a third one and ends.
        using var last = new ApiClient(app.Address, (await Do<RollApiKey, NewKey>(r => r.One(Actor.System, id, default))).Must().Secret);
        (await old.Get("/leaderboard")).Problem(401, "unauthorized");
        (await next.Get("/leaderboard")).Problem(403, "not-allowed");
        Assert.True((await Do<RollApiKey, bool>(r => r.EndPrevious(Actor.System, id, default))).Must());
        (await next.Get("/leaderboard")).Problem(401, "unauthorized");
        (await last.Get("/leaderboard")).Problem(403, "not-allowed");
        // A day later by itself.
        (await Do<RollApiKey, NewKey>(r => r.One(Actor.System, id, default))).Must();
        await app.Database.Scalar<long>($"UPDATE api_keys SET previous_until = now() WHERE public_id = '{id}' RETURNING id");
        await WaitFor.True(async () => (int)(await last.Get("/leaderboard")).Status == 401);
    }

    [Fact]
    public async Task Key_BadInput_IsRefusedFieldByField()
    {
        foreach (var (name, scopes, days, fields) in ((string?, string[], int?, string)[])
            [("", ["join"], null, "name"), ("A", ["everything"], null, "scopes"), ("A", [], null, "scopes"), ("A", ["join"], 0, "expiresInDays"), ("A", ["join"], 3_651, "expiresInDays"), (null, ["x"], -1, "expiresInDays,name,scopes")])
        {
            var refused = Assert.IsType<InviteAdmin.Results.Invalid>((await Do<CreateApiKey, NewKey>(k => k.One(Actor.System, name, scopes, days, default))).Failure);
            Assert.Equal(fields, string.Join(',', refused.Fields.Keys.Order()));
        }

        Assert.IsType<InviteAdmin.Results.NotFound>((await Do<RollApiKey, NewKey>(r => r.One(Actor.System, "key_nobody", default))).Failure);
        Assert.IsType<InviteAdmin.Results.NotFound>((await Do<RevokeApiKey, bool>(r => r.One(Actor.System, null, null, default))).Failure);
    }

    [Fact]
    public async Task KeysCreate_Verb_PrintsAKeyThatWorks()
    {
        var verb = await AppProcess.Finish(app.Database.Settings, "keys", "create", "--name", "Backend", "--scopes", "join,read", "--expires-in-days", "30");
        Assert.True(await verb.Exit() == 0, verb.Errors);
        using var api = new ApiClient(app.Address, verb.Output.Trim().Split('\n')[^1].Trim());
        (await api.Get("/leaderboard")).Expect(200);
        (await api.Get("/codes/ABCD")).Problem(403, "not-allowed");

        var wrong = await AppProcess.Finish(app.Database.Settings, "keys", "create", "--name", "Backend", "--scopes", "everything");
        Assert.Equal(1, await wrong.Exit());
        Assert.Equal(1, await app.Database.Scalar<long>("SELECT count(*) FROM api_keys WHERE name = 'Backend' AND expires_at BETWEEN now() + interval '29 days' AND now() + interval '31 days'"));
        Assert.Contains("join, redeem, read, manage", wrong.Errors, StringComparison.Ordinal);
    }

    private async Task<(string Id, ApiClient Api)> NewKey(string scope = "read")
    {
        var made = (await Do<CreateApiKey, NewKey>(k => k.One(Actor.System, "Test", [scope], default))).Must();
        return (made.Id, new ApiClient(app.Address, made.Secret));
    }

    private async Task<InviteAdmin.Results.Outcome<TValue>> Do<T, TValue>(Func<T, Task<InviteAdmin.Results.Outcome<TValue>>> call) where T : notnull
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<T>());
    }
}
