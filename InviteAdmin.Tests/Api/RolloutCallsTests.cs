using System.Net;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

/// <summary>The rollout by API: the plan read, saved and moved, signals and activity, and every way to be refused.</summary>
public sealed class RolloutCallsTests(RunningApp app) : IClassFixture<RunningApp>, IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task Plan_SavedStartedPausedAndRead_ReadsAsItWasWritten()
    {
        var saved = (await _api.Put("/rollout", Plan())).Expect(200);
        Assert.Equal(["There is no 02:30 in Europe/Berlin on ", ], saved.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()![..38]));
        var read = (await _api.Get("/rollout")).Expect(200);
        Assert.Equal(["state", "stage", "soakDay", "nextBatchAt", "reason", "waitsFor", "heldSince", "plan", "capacity", "decisions", "forecast"], read.EnumerateObject().Select(p => p.Name));
        Assert.Equal("draft", read.GetProperty("state").GetString());
        var gate = read.GetProperty("plan").GetProperty("stages")[0].GetProperty("gate");
        Assert.Equal(["metric", "atLeast", "minimumSample", "afterDays"], gate[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(("signal", 0.01), (gate[1].GetProperty("metric").GetString(), gate[1].GetProperty("atMost").GetDouble()));
        Assert.Equal(5_000, read.GetProperty("capacity").GetProperty("seats").GetInt32());

        // What was read can be sent back as it is.
        (await _api.PutText("/rollout", read.GetProperty("plan").GetRawText())).Expect(200);
        (await _api.PutText("/rollout", read.GetProperty("plan").GetRawText())).Problem(409, "plan-changed");

        (await _api.Post("/rollout/approve", new { })).Problem(409, "plan-refused");
        (await _api.Post("/rollout/resume", new { })).Expect(200);
        Assert.Equal("running", (await _api.Get("/rollout")).Expect(200).GetProperty("state").GetString());
        Assert.Equal("paused", (await _api.Post("/rollout/pause", new { reason = "Look" })).Expect(200).GetProperty("state").GetString());
        (await _api.Post("/cohorts", new { count = 1 })).Problem(409, "rollout-paused");
        var decisions = (await _api.Get("/rollout")).Expect(200).GetProperty("decisions");
        Assert.EndsWith("paused the plan: Look.", decisions[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.True(decisions[0].GetProperty("inputs").TryGetProperty("facts", out _));
        (await _api.Post("/rollout/pause", new { reason = new string('x', 501) })).Invalid("reason");
    }

    [Theory]
    [InlineData("zone", "\"Mars/Phobos\"", "zone")]
    [InlineData("sendAt", "\"25:00\"", "sendAt")]
    [InlineData("days", "[]", "days")]
    [InlineData("days", "[\"monday\"]", "days")]
    [InlineData("capacity", "-1", "capacity")]
    [InlineData("mailPerMinute", "0", "mailPerMinute")]
    [InlineData("stages", "[]", "stages")]
    [InlineData("zone", "\"../zoneinfo/Europe/Berlin\"", "zone")]
    [InlineData("zone", "\"/usr/share/zoneinfo/Europe/Berlin\"", "zone")]
    [InlineData("days", "[null]", "days")]
    [InlineData("stages", "[null]", "stages[0].batchSize")]
    [InlineData("stages", "[{\"batchSize\":1,\"gate\":[null]}]", "stages[0].gate[0].metric")]
    [InlineData("stages", "[{\"batchSize\":1,\"gate\":[{\"metric\":\"capacity\",\"atLeast\":1.5}]}]", "stages[0].gate[0].atLeast")]
    [InlineData("stages", "[{\"batchSize\":0}]", "stages[0].batchSize")]
    [InlineData("stages", "[{\"batchSize\":10,\"batches\":0,\"soakDays\":366,\"approval\":\"maybe\"}]", "stages[0].batches", "stages[0].soakDays", "stages[0].approval")]
    [InlineData("stages", "[{\"batchSize\":10,\"batches\":2,\"gate\":[{\"metric\":\"conversion\",\"atLeast\":0.5,\"minimumSample\":21,\"afterDays\":3}]}]", "stages[0].gate[0].minimumSample")]
    [InlineData("stages", "[{\"batchSize\":10,\"gate\":[{\"metric\":\"conversion\",\"atLeast\":1.5,\"minimumSample\":1,\"afterDays\":0}]}]", "stages[0].gate[0].atLeast", "stages[0].gate[0].afterDays")]
    [InlineData("stages", "[{\"batchSize\":10,\"gate\":[{\"metric\":\"luck\"}]}]", "stages[0].gate[0].metric")]
    [InlineData("stages", "[{\"batchSize\":10,\"gate\":[{\"metric\":\"signal\",\"name\":\"a b\",\"use\":\"median\",\"hours\":1e308,\"atMost\":1,\"atLeast\":0}]}]", "stages[0].gate[0].name", "stages[0].gate[0].use", "stages[0].gate[0].atMost", "stages[0].gate[0].hours")]
    public async Task Plan_ThatCannotBe_NamesEachFieldAndChangesNothing(string field, string value, params string[] named)
    {
        var before = (await _api.Get("/rollout")).Expect(200).GetProperty("plan").GetRawText();
        var plan = System.Text.Json.Nodes.JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(Plan()))!;
        plan[field] = System.Text.Json.Nodes.JsonNode.Parse(value);
        (await _api.PutText("/rollout", plan.ToJsonString())).Invalid(named);
        Assert.Equal(before, (await _api.Get("/rollout")).Expect(200).GetProperty("plan").GetRawText());
    }

    [Fact]
    public async Task Plan_CapacityBelowMembers_IsRefused()
    {
        await app.Database.Execute("INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals) SELECT 'usr_c' || i, i || '@member.example', i || '@member.example', 'Ann', 0, 0 FROM generate_series(1, 3) i");
        var refused = await _api.Put("/rollout", new { zone = "Etc/UTC", sendAt = "09:00", days = PlanFacts.Week, capacity = 2, stages = new[] { new { batchSize = 1 } } });
        refused.Invalid("capacity");
    }

    [Fact]
    public async Task Signal_OfEveryKind_IsTakenOrNamed()
    {
        (await _api.Post("/signals", new { name = "error_rate", value = 0.004 })).Expect(202);
        (await _api.Post("/signals", new { name = "error_rate", value = 0.004, at = DateTimeOffset.UnixEpoch })).Invalid("at");
        var now = await app.Database.Scalar<DateTime>("SELECT now()");
        (await _api.Post("/signals", new { name = "error_rate", value = 0.004, at = now.AddHours(1) })).Invalid("at");
        (await _api.Post("/signals", new { name = "error_rate", value = 0.004, at = now.AddYears(-1) })).Invalid("at");
        (await _api.Post("/signals", new { name = "error_rate", value = 0.004, at = now.AddDays(-1) })).Expect(202);
        (await _api.Post("/signals", new { name = "error rate", value = 1e308 })).Invalid("name", "value");
        (await _api.Post("/signals", new { })).Invalid("name", "value");
        foreach (var value in (string[])["NaN", "Infinity", "1e999", "\"1\""])
            Assert.Contains((await _api.PostText("/signals", $$"""{"name":"error_rate","value":{{value}}}""")).Status, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity]);
        Assert.Equal(2, await app.Database.Scalar<long>("SELECT count(*) FROM signals"));
    }

    [Fact]
    public async Task Signals_TenThousandAMinute_AreBoundedAndToldSo()
    {
        await app.Database.Execute("INSERT INTO signals (name, value, at) SELECT 'flood', i, now() FROM generate_series(1, 600) i");
        var answer = await _api.Post("/signals", new { name = "flood", value = 1 });
        answer.Problem(429, "rate-limited");
        Assert.Equal("60", answer.Header("Retry-After"));
        (await _api.Post("/signals", new { name = "calm", value = 1 })).Expect(202);
        await app.Database.Execute("DELETE FROM signals");
    }

    [Fact]
    public async Task Activity_OfAMember_CountsOnceADay()
    {
        await app.Database.Execute("INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals) VALUES ('usr_active', 'active@member.example', 'active@member.example', 'Ann', 0, 0)");
        for (var i = 0; i < 3; i++) (await _api.Post("/members/usr_active/activity", new { })).Expect(202);
        var now = await app.Database.Scalar<DateTime>("SELECT now()");
        (await _api.Post("/members/usr_active/activity", new { at = now.AddDays(-2) })).Expect(202);
        (await _api.Post("/members/usr_active/activity", new { at = now.AddDays(2) })).Invalid("at");
        (await _api.Post("/members/usr_active/activity", new { at = now.AddDays(-31) })).Invalid("at");
        (await _api.Post("/members/usr_nobody/activity", new { })).Problem(404, "not-found");
        Assert.Equal(2, await app.Database.Scalar<long>("SELECT count(*) FROM member_activity"));
    }

    public void Dispose() => _api.Dispose();

    private static object Plan() => new
    {
        zone = "Europe/Berlin", sendAt = "02:30", days = PlanFacts.Week, capacity = 5_000,
        stages = new object[]
        {
            new { name = "First", batchSize = 100, batches = 5, soakDays = 3, gate = new object[] { new { metric = "conversion", atLeast = 0.35, minimumSample = 50, afterDays = 3 }, new { metric = "signal", name = "error_rate", use = "mean", hours = 24, atMost = 0.01 } } },
            new { name = "Everyone", batchSize = 500 },
        },
    };
}
