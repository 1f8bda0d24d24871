using InviteAdmin.Tests.Support;
using Npgsql;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class ReplayTests(RunningApp app) : IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task SameKey_AHundredTimesFiftyParallel_OneEffectAndOneAnswer()
    {
        var code = await _api.Code(uses: 100);
        var answers = new List<ApiAnswer>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (_, _) =>
        {
            ApiAnswer answer;
            do answer = await _api.Post("/redemptions", new { code, email = "replay@example.com", name = "Ann" }, "replay-100");
            while (answer.Status == System.Net.HttpStatusCode.Conflict && answer.Text.Contains("idempotency-in-flight", StringComparison.Ordinal));
            lock (answers) answers.Add(answer);
        });

        Assert.All(answers, a => Assert.Equal(201, (int)a.Status));
        Assert.Single(answers.Select(a => a.Text).Distinct());
        Assert.Single(answers.Select(a => a.ContentType).Distinct());
        Assert.Equal(99, answers.Count(a => a.Header("Idempotent-Replayed") == "true"));
        Assert.Equal(99, (await _api.Get($"/codes/{code}")).Expect(200).GetProperty("usesLeft").GetInt32());
    }

    [Fact]
    public async Task SameKey_OtherBodyOrPath_IsAMismatch()
    {
        var first = await _api.Post("/waitlist", new { email = "mismatch@example.com", name = "Ann" }, "mismatch");
        first.Expect(201);
        (await _api.Post("/waitlist", new { email = "mismatch2@example.com", name = "Ann" }, "mismatch")).Problem(422, "idempotency-mismatch");
        (await _api.Post("/redemptions", new { email = "mismatch@example.com", name = "Ann" }, "mismatch")).Problem(422, "idempotency-mismatch");
        Assert.Equal(0, await app.Database.Scalar<long>("SELECT count(*) FROM waitlist_entries WHERE email = 'mismatch2@example.com'"));

        var again = await _api.Post("/waitlist", new { email = "mismatch@example.com", name = "Ann" }, "mismatch");
        Assert.Equal((first.Text, first.Header("Location"), first.Status), (again.Text, again.Header("Location"), again.Status));
    }

    [Fact]
    public async Task SameKey_OtherCaller_IsAnotherRequest()
    {
        using var other = await ApiClient.With(app, "join");
        (await _api.Post("/waitlist", new { email = "callers@example.com", name = "Ann" }, "callers")).Expect(201);
        (await other.Post("/waitlist", new { email = "callers@example.com", name = "Ann" }, "callers")).Expect(200);
    }

    [Fact]
    public async Task Refusal_IsReplayedToo()
    {
        var code = await _api.Code();
        await _api.Member("refusal@example.com");
        var first = await _api.Post("/redemptions", new { code, email = "refusal@example.com", name = "Ann" }, "refusal");
        first.Problem(409, "email-registered");
        Assert.Equal(first.Text, (await _api.Post("/redemptions", new { code, email = "refusal@example.com", name = "Ann" }, "refusal")).Text);
        var bad = await _api.PostText("/redemptions", "{", "refusal-json");
        bad.Problem(400, "malformed-json");
        Assert.Equal(bad.Text, (await _api.PostText("/redemptions", "{", "refusal-json")).Text);
    }

    [Fact]
    public async Task SameKey_FirstStillRunning_IsInFlight()
    {
        // The first one waits for the plan's row, which this test holds.
        await _api.Waiting("inflight@example.com");
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using var holding = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT 1 FROM rollout_plans FOR UPDATE", connection)) await hold.ExecuteNonQueryAsync();
        var first = _api.Post("/cohorts", new { count = 1 }, "inflight");
        await WaitFor.True(async () => await app.Database.Scalar<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0);

        (await _api.Post("/cohorts", new { count = 1 }, "inflight")).Problem(409, "idempotency-in-flight");

        await holding.RollbackAsync();
        var answer = await first;
        answer.Expect(201);
        Assert.Equal(answer.Text, (await _api.Post("/cohorts", new { count = 1 }, "inflight")).Text);
    }

    [Fact]
    public async Task SameKey_AfterARestart_GetsTheFirstAnswer()
    {
        var first = await _api.Post("/campaigns", new { name = "Restart", count = 3, maxUsesEach = 1 }, "restart");
        first.Expect(201);
        await using var restarted = await AppProcess.Start(app.Database.Settings);
        using var api = new ApiClient(restarted.Address, _api.Key);
        var again = await api.Post("/campaigns", new { name = "Restart", count = 3, maxUsesEach = 1 }, "restart");
        Assert.Equal((first.Text, first.Status, first.ContentType, first.Header("Location")), (again.Text, again.Status, again.ContentType, again.Header("Location")));
    }

    [Fact]
    public async Task WithoutAnApiKey_TheTokenIsTheCaller()
    {
        using var stranger = new ApiClient(app.Address, null);
        var (one, two) = (await StatusToken("token.one@example.com"), await StatusToken("token.two@example.com"));
        (await stranger.Post($"/waitlist/{one}/decline", idempotencyKey: "same")).Expect(200);
        Assert.Equal("token.two@example.com", (await stranger.Post($"/waitlist/{two}/decline", idempotencyKey: "same")).Expect(200).GetProperty("email").GetString());

        async Task<string> StatusToken(string email) => (await _api.Waiting(email)).GetProperty("statusLink").GetString()!.Split('/')[^1];
    }

    [Fact]
    public async Task KeyItself_TooLongOrEmpty_IsRefused()
    {
        (await _api.Post("/waitlist", new { email = "keys@example.com", name = "Ann" }, new string('k', 256))).Problem(400, "bad-request");
        (await _api.Post("/waitlist", new { email = "keys@example.com", name = "Ann" }, new string('k', 255))).Expect(201);
    }

    [Fact]
    public async Task Sweep_OlderThanADay_IsForgottenAndTheKeyIsFree()
    {
        (await _api.Post("/waitlist", new { email = "sweep@example.com", name = "Ann" }, "sweep")).Expect(201);
        await app.Database.Scalar<string>("UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'sweep' RETURNING key");
        // Not swept yet, but over: the key works again.
        (await _api.Post("/waitlist", new { email = "sweep2@example.com", name = "Ann" }, "sweep")).Expect(201);
        await app.Database.Scalar<string>("UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'sweep' RETURNING key");
        var keys = (InviteAdmin.Data.IdempotencyKeys)app.Services.GetService(typeof(InviteAdmin.Data.IdempotencyKeys))!;
        Assert.True(await keys.Sweep(default) >= 1);
        Assert.Equal(0, await app.Database.Scalar<long>("SELECT count(*) FROM idempotency_keys WHERE key = 'sweep'"));
    }

    public void Dispose() => _api.Dispose();
}
