using System.Text.Json;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class CohortCallsTests(RunningApp app) : IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task Release_PreviewThenReleaseThenUndo_EverybodyWaitsAgain()
    {
        var people = await Join("release", 3);
        var cohorts = await Count("cohorts");
        var preview = (await _api.Post("/cohorts", new { count = 2, dryRun = true })).Expect(200);
        Assert.Equal(["invited", "skipped", "capacityAfter"], preview.EnumerateObject().Select(p => p.Name));
        var next = preview.GetProperty("invited").EnumerateArray().ToList();
        Assert.Equal(2, next.Count);
        Assert.Equal(["rank", "email", "name", "points", "why"], next[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(cohorts, await Count("cohorts"));

        var answer = await _api.Post("/cohorts", new { count = 2, note = "Test" });
        var cohort = answer.Expect(201);
        Assert.Equal(["id", "number", "requested", "invited", "undoUntil", "snapshot"], cohort.EnumerateObject().Select(p => p.Name));
        Assert.Equal(2, cohort.GetProperty("invited").GetInt32());
        var id = cohort.GetProperty("id").GetString();
        Assert.Equal($"/api/v1/cohorts/{id}", answer.Header("Location"));

        var one = (await _api.Get($"/cohorts/{id}")).Expect(200);
        Assert.Equal(2, one.GetProperty("states").GetProperty("invited").GetInt64());
        Assert.Equal("released", one.GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Array, one.GetProperty("days").ValueKind);
        Assert.Equal(id, (await _api.Get($"/cohorts/{cohort.GetProperty("number").GetInt32()}")).Expect(200).GetProperty("id").GetString());

        Assert.Equal(2, (await _api.Post($"/cohorts/{id}/undo")).Expect(200).GetProperty("recalled").GetInt32());
        Assert.Equal(0, (await _api.Post($"/cohorts/{id}/undo")).Expect(200).GetProperty("recalled").GetInt32());
        Assert.Equal(2, (await _api.Get($"/cohorts/{id}")).Expect(200).GetProperty("states").GetProperty("recalled").GetInt64());
        Assert.Equal(3, await app.Database.Scalar<long>($"SELECT count(*) FROM waitlist_entries WHERE status = 'waiting' AND public_id IN ({string.Join(',', people.Select(p => $"'{p}'"))})"));
    }

    [Fact]
    public async Task Recall_AfterOneSignedUp_TakesBackTheOther()
    {
        await Join("recall", 2);
        var id = (await _api.Post("/cohorts", new { count = 2 })).Expect(201).GetProperty("id").GetString();
        var code = await app.Database.Scalar<string>($"SELECT c.shown FROM invite_codes c JOIN cohorts k ON k.id = c.cohort_id WHERE k.public_id = '{id}' ORDER BY c.id LIMIT 1");
        (await _api.Post("/redemptions", new { code, email = "recall.signs.up@example.com", name = "Ann" })).Expect(201);
        await app.Database.Scalar<long>($"UPDATE cohorts SET undo_until = now() - interval '1 second' WHERE public_id = '{id}' RETURNING id");

        (await _api.Post($"/cohorts/{id}/undo")).Problem(409, "undo-closed");
        Assert.Equal(1, (await _api.Post($"/cohorts/{id}/recall", new { reason = "Wrong list." })).Expect(200).GetProperty("recalled").GetInt32());
        var one = (await _api.Get($"/cohorts/{id}")).Expect(200);
        Assert.Equal((1, 1), (one.GetProperty("states").GetProperty("registered").GetInt64(), one.GetProperty("states").GetProperty("recalled").GetInt64()));
        Assert.Equal(1, one.GetProperty("days")[0].GetProperty("registered").GetInt64());
    }

    [Fact]
    public async Task List_Pages_NewestFirstWithoutGapOrRepeat()
    {
        for (var i = 0; i < 3; i++)
        {
            await Join($"page{i}", 1);
            (await _api.Post("/cohorts", new { count = 1 })).Expect(201);
        }

        var numbers = new List<int>();
        string? cursor = null;
        do
        {
            var page = (await _api.Get($"/cohorts?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}")).Expect(200);
            numbers.AddRange(page.GetProperty("data").EnumerateArray().Select(c => c.GetProperty("number").GetInt32()));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(numbers.OrderDescending().Distinct(), numbers);
        Assert.Equal(await Count("cohorts"), numbers.Count);
    }

    [Fact]
    public async Task Release_Refusals_AreProblems()
    {
        foreach (var count in (int[])[0, -1, 1_000_000])
        {
            (await _api.Post("/cohorts", new { count })).Invalid("count");
            (await _api.Post("/cohorts", new { count, dryRun = true })).Invalid("count");
        }

        (await _api.Post("/cohorts", new { count = 1, note = new string('x', 501) })).Invalid("note");
        (await _api.Get("/cohorts?limit=201")).Invalid("limit");
        (await _api.Get("/cohorts?cursor=x")).Invalid("cursor");
        (await _api.Get("/cohorts/co_nothing")).Problem(404, "not-found");
        (await _api.Post("/cohorts/co_nothing/undo")).Problem(404, "not-found");
        (await _api.Post("/cohorts/co_nothing/recall", new { })).Problem(404, "not-found");

        while ((await _api.Post("/cohorts", new { count = 100_000 })).Status == System.Net.HttpStatusCode.Created) { }
        (await _api.Post("/cohorts", new { count = 1 })).Problem(409, "nobody-waiting");

        await Join("refused", 1);
        await app.Database.Scalar<long>("UPDATE rollout_plans SET state = 'paused', paused_by = 'Owner' WHERE is_current RETURNING id");
        (await _api.Post("/cohorts", new { count = 1 })).Problem(409, "rollout-paused");
        await app.Database.Scalar<long>("UPDATE rollout_plans SET state = 'draft', paused_by = NULL, capacity = 1 WHERE is_current RETURNING id");
        (await _api.Post("/cohorts", new { count = 1 })).Problem(409, "no-capacity");
        await app.Database.Scalar<long>("UPDATE rollout_plans SET capacity = NULL WHERE is_current RETURNING id");
    }

    private async Task<List<string>> Join(string mark, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add((await _api.Waiting($"{mark}.{i}@example.com")).GetProperty("id").GetString()!);
        }

        return ids;
    }

    private Task<long> Count(string table) => app.Database.Scalar<long>($"SELECT count(*) FROM {table}");

    public void Dispose() => _api.Dispose();
}
