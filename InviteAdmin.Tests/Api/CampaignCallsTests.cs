using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class CampaignCallsTests(RunningApp app) : IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task Mint_TwoThousand_AnswerHoldsAThousandAndTheCsvAll()
    {
        var answer = await _api.Post("/campaigns", new { name = "Autumn meetup", count = 2_000, maxUsesEach = 3, tier = "early", expiresInDays = 30, prefix = "meet" });
        var minted = answer.Expect(201);
        Assert.Equal((2_000, 1_000), (minted.GetProperty("minted").GetInt32(), minted.GetProperty("codes").GetArrayLength()));
        Assert.StartsWith("cp_", minted.GetProperty("campaignId").GetString());
        Assert.Equal($"/api/v1/campaigns/{minted.GetProperty("slug").GetString()}/codes.csv", answer.Header("Location"));

        var csv = await _api.Get($"/campaigns/{minted.GetProperty("slug").GetString()}/codes.csv");
        Assert.Equal("text/csv; charset=utf-8", csv.ContentType);
        var lines = csv.Text.TrimEnd('\n').Split('\n');
        Assert.Equal("code,max_uses,used_count,expires_at,status", lines[0]);
        Assert.Equal(2_000, lines.Length - 1);
        Assert.Equal(minted.GetProperty("codes")[0].GetString(), lines[1].Split(',')[0]);
        Assert.Matches("^MEET(-[0-9A-HJKMNP-TV-Z]{4}){3},3,0,[-0-9]+T[:0-9]+Z,active$", lines[1]);
    }

    [Fact]
    public async Task Mint_WordTaken_ConflictAndNothingIsLeft()
    {
        (await _api.Post("/campaigns", new { name = "Word", count = 1, maxUsesEach = 100, word = "LOGIN2026" })).Expect(201);
        var before = await app.Database.Scalar<long>("SELECT count(*) FROM campaigns");
        // Reads the same: O and 0, I and 1, L and 1. Also inside the outer transaction of an idempotent request.
        (await _api.Post("/campaigns", new { name = "Word", count = 1, maxUsesEach = 1, word = "l0g1n2o26" })).Problem(409, "word-taken");
        for (var i = 0; i < 2; i++)
        {
            (await _api.Post("/campaigns", new { name = "Word", count = 1, maxUsesEach = 1, word = "LOG1N2026" }, "word-taken-twice")).Problem(409, "word-taken");
        }

        Assert.Equal(before, await app.Database.Scalar<long>("SELECT count(*) FROM campaigns"));
    }

    [Fact]
    public async Task Mint_BadFields_EachIsNamed()
    {
        (await _api.Post("/campaigns", new { })).Invalid("name", "count", "maxUsesEach");
        (await _api.Post("/campaigns", new { name = "A", count = 100_001, maxUsesEach = 1_000_001, expiresInDays = 0, prefix = "!", tier = new string('x', 41) }))
            .Invalid("count", "maxUsesEach", "expiresInDays", "prefix", "tier");
        (await _api.Post("/campaigns", new { name = "A", count = 2, maxUsesEach = 1, word = "HELLO" })).Invalid("count");
        (await _api.PostText("/campaigns", """{"name":"A","count":"2","maxUsesEach":1}""")).Invalid("count");
        (await _api.Get("/campaigns/nothing/codes.csv")).Problem(404, "not-found");
    }

    public void Dispose() => _api.Dispose();
}
