using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Api;

/// <summary>The plan moved by API: what each move answers, twice and with a key, after a halt, and while many edit it at once.</summary>
public sealed class RolloutMovesTests(RunningApp app) : IClassFixture<RunningApp>, IAsyncLifetime
{
    private readonly ApiClient _api = ApiClient.For(app);

    // Each test begins with a draft that nothing was ever sent of.
    public Task InitializeAsync() => app.Database.Execute(
        "UPDATE rollout_plans SET state = 'draft', stage = 0, waits_for = NULL, held_since = NULL, held_reason = NULL, approved = false, stage_from = (SELECT coalesce(max(number), 0) FROM cohorts)");

    [Fact]
    public async Task Move_Twice_AnswersTheRolloutUnchanged()
    {
        (await _api.Put("/rollout", Plan("23:59"))).Expect(200);
        foreach (var (move, state) in ((string, string)[])[("resume", "running"), ("pause", "paused"), ("resume", "running")])
        {
            var first = (await _api.Post($"/rollout/{move}", new { reason = "Test" })).Expect(200);
            Assert.Equal((await _api.Get("/rollout")).Expect(200).EnumerateObject().Select(p => p.Name), first.EnumerateObject().Select(p => p.Name));
            Assert.Equal(state, first.GetProperty("state").GetString());
            Assert.EndsWith(": Test.", first.GetProperty("decisions")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
            var again = (await _api.Post($"/rollout/{move}", new { reason = "Again" })).Expect(200);
            Assert.Equal(first.GetProperty("decisions").GetRawText(), again.GetProperty("decisions").GetRawText());
            Assert.Equal(state, again.GetProperty("state").GetString());
        }
    }

    [Fact]
    public async Task Move_WithAKey_AnswersWhatItDidAndRepeatsIt()
    {
        (await _api.Put("/rollout", Plan("23:59"))).Expect(200);
        (await _api.Post("/rollout/resume", new { })).Expect(200);
        var first = await _api.Post("/rollout/pause", new { reason = "Look" }, "pause-once");
        Assert.Equal("paused", first.Expect(200).GetProperty("state").GetString());
        Assert.EndsWith("paused the plan: Look.", first.Json.GetProperty("decisions")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);

        (await _api.Post("/rollout/resume", new { })).Expect(200);
        var again = await _api.Post("/rollout/pause", new { reason = "Look" }, "pause-once");
        Assert.Equal((first.Text, "true"), (again.Text, again.Header("Idempotent-Replayed")));
        Assert.Equal("running", (await _api.Get("/rollout")).Expect(200).GetProperty("state").GetString());
        (await _api.Post("/rollout/pause", new { reason = "Other" }, "pause-once")).Problem(422, "idempotency-mismatch");
    }

    [Fact]
    public async Task Approve_AStageThatWaitsForIt_LetsTheNextBegin()
    {
        await _api.Waiting("approved@example.com");
        (await _api.Put("/rollout", Plan("00:00", new { batchSize = 1, batches = 1, soakDays = 0, approval = "manual" }, new { batchSize = 1 }))).Expect(200);
        (await _api.Post("/rollout/resume", new { })).Expect(200);
        await Step();
        await app.Database.Execute("UPDATE cohorts SET local_date = local_date - 1 WHERE local_date IS NOT NULL");
        await Step();
        var held = (await _api.Get("/rollout")).Expect(200);
        Assert.Equal(("holding", "approval"), (held.GetProperty("state").GetString(), held.GetProperty("waitsFor").GetString()));
        Assert.NotEqual(JsonValueKind.Null, held.GetProperty("heldSince").ValueKind);

        Assert.Equal("running", (await _api.Post("/rollout/approve", new { })).Expect(200).GetProperty("state").GetString());
        (await _api.Post("/rollout/approve", new { })).Expect(200);
        await Step();
        Assert.Equal(2, (await _api.Get("/rollout")).Expect(200).GetProperty("stage").GetInt32());
        (await _api.Post("/rollout/approve", new { })).Problem(409, "plan-refused");
    }

    [Fact]
    public async Task Release_WhilePlanIsHaltedByASignal_IsRefusedUntilResumed()
    {
        await _api.Waiting("halted@example.com");
        var gate = new[] { new { metric = "signal", name = "halt_rate", use = "latest", hours = 1, atMost = 0.01 } };
        (await _api.Put("/rollout", Plan("23:59", new { batchSize = 1, gate }))).Expect(200);
        (await _api.Post("/rollout/resume", new { })).Expect(200);
        (await _api.Post("/signals", new { name = "halt_rate", value = 0.5 })).Expect(202);
        await Step();
        var halted = (await _api.Get("/rollout")).Expect(200);
        Assert.Equal(("holding", "person"), (halted.GetProperty("state").GetString(), halted.GetProperty("waitsFor").GetString()));
        (await _api.Post("/cohorts", new { count = 1 })).Problem(409, "rollout-paused");

        (await _api.Post("/signals", new { name = "halt_rate", value = 0.001 })).Expect(202);
        Assert.Equal("running", (await _api.Post("/rollout/resume", new { })).Expect(200).GetProperty("state").GetString());
        (await _api.Post("/cohorts", new { count = 1 })).Expect(201);
    }

    [Fact]
    public async Task Plan_SavedByTwentyFromOneVersion_OneWins()
    {
        var version = (await _api.Put("/rollout", Plan("23:59"))).Expect(200).GetProperty("plan").GetProperty("version").GetInt32();
        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(i =>
            _api.Put("/rollout", new { zone = "Etc/UTC", sendAt = "23:59", days = PlanFacts.Week, capacity = 1_000 + i, stages = new[] { new { batchSize = i } }, version })));
        var saved = Assert.Single(answers, a => (int)a.Status == 200).Json.GetProperty("plan");
        Assert.All(answers.Where(a => (int)a.Status != 200), a => a.Problem(409, "plan-changed"));
        Assert.Equal(version + 1, saved.GetProperty("version").GetInt32());
        Assert.Equal(saved.GetRawText(), (await _api.Get("/rollout")).Expect(200).GetProperty("plan").GetRawText());
        Assert.Equal(1_000 + saved.GetProperty("stages")[0].GetProperty("batchSize").GetInt32(), saved.GetProperty("capacity").GetInt32());
    }

    [Fact]
    public async Task Plan_EditedWhileItRunsAndIsRead_IsNeverHalfOne()
    {
        (await _api.Put("/rollout", Plan("23:50", new { batchSize = 50 }))).Expect(200);
        (await _api.Post("/rollout/resume", new { })).Expect(200);
        var torn = new List<string>();
        var edits = Parallel.ForEachAsync(Enumerable.Range(0, 80), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
            (await _api.Put("/rollout", Plan($"23:5{i % 10}", new { name = $"Minute {i % 10}", batchSize = 50 + (i % 10) }))).Expect(200));
        while (!edits.IsCompleted)
        {
            var read = (await _api.Get("/rollout")).Expect(200);
            var (plan, version) = (read.GetProperty("plan"), read.GetProperty("plan").GetProperty("version").GetInt32());
            var (minute, size) = (plan.GetProperty("sendAt").GetString()![4] - '0', plan.GetProperty("stages")[0].GetProperty("batchSize").GetInt32());
            // The plan and the history beside it are of one moment.
            var said = read.GetProperty("decisions").EnumerateArray().Select(d => d.GetProperty("inputs").GetProperty("planVersion").GetInt32()).Max();
            if (size != 50 + minute || said != version) torn.Add(read.GetRawText());
        }

        await edits;
        Assert.Empty(torn);
    }

    public Task DisposeAsync()
    {
        _api.Dispose();
        return Task.CompletedTask;
    }

    private static object Plan(string sendAt, params object[] stages) =>
        new { zone = "Etc/UTC", sendAt, days = PlanFacts.Week, stages = stages.Length > 0 ? stages : [new { batchSize = 1 }] };

    private async Task Step()
    {
        await using var scope = app.Services.CreateAsyncScope();
        (await scope.ServiceProvider.GetRequiredService<RunPlan>().Run(Actor.System, default)).Must();
    }
}
