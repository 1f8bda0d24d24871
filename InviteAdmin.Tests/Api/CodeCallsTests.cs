using System.Globalization;
using System.Text.Json;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class CodeCallsTests(RunningApp app) : IDisposable
{
    private readonly ApiClient _api = ApiClient.For(app);

    [Fact]
    public async Task Redeem_OneCode_MemberWithThreeCodesAndLinks()
    {
        var member = await _api.Member("redeems@example.com");
        Assert.StartsWith("usr_", member.GetProperty("userId").GetString());
        Assert.Equal("standard", member.GetProperty("tier").GetString());
        Assert.Equal(JsonValueKind.Null, member.GetProperty("invitedBy").ValueKind);
        var codes = member.GetProperty("codes").EnumerateArray().ToList();
        Assert.Equal(3, codes.Count);
        Assert.All(codes, c => Assert.EndsWith($"/signup?code={c.GetProperty("code").GetString()}", c.GetProperty("link").GetString()));

        var code = codes[0].GetProperty("code").GetString()!;
        var facts = (await _api.Get($"/codes/{code.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal)}")).Expect(200);
        Assert.True(facts.GetProperty("valid").GetBoolean());
        Assert.Equal((code, "personal", 1), (facts.GetProperty("code").GetString(), facts.GetProperty("kind").GetString(), facts.GetProperty("usesLeft").GetInt32()));
        Assert.Equal(JsonValueKind.Null, facts.GetProperty("reason").ValueKind);

        var friend = (await _api.Post("/redemptions", new { code, email = "redeems.friend@example.com", name = "Ben" })).Expect(201);
        Assert.Equal(member.GetProperty("userId").GetString(), friend.GetProperty("invitedBy").GetString());
        Assert.Equal("exhausted", (await _api.Get($"/codes/{code}")).Expect(200).GetProperty("reason").GetString());
        (await _api.Post("/redemptions", new { code, email = "redeems.third@example.com", name = "Cat" })).Problem(410, "code-exhausted");
    }

    [Fact]
    public async Task Redeem_Refusals_NothingIsSpent()
    {
        await _api.Member("taken@example.com");
        var code = await _api.Code();
        (await _api.Post("/redemptions", new { code, email = "Taken@example.com", name = "Ann" })).Problem(409, "email-registered");
        (await _api.Post("/redemptions", new { code, email = "x", name = "" })).Invalid("email", "name");
        (await _api.Post("/redemptions", new { email = "a@example.com", name = "Ann" })).Invalid("code");
        (await _api.Post("/redemptions", new { code = "ZZZZ-ZZZZ-ZZZZ", email = "a@example.com", name = "Ann" })).Problem(404, "code-unknown");
        Assert.Equal(1, (await _api.Get($"/codes/{code}")).Expect(200).GetProperty("usesLeft").GetInt32());

        await app.Database.Scalar<long>($"UPDATE invite_codes SET expires_at = now() - interval '1 second' WHERE shown = '{code}' RETURNING id");
        Assert.Equal("expired", (await _api.Get($"/codes/{code}")).Expect(200).GetProperty("reason").GetString());
        (await _api.Post("/redemptions", new { code, email = "a@example.com", name = "Ann" })).Problem(410, "code-expired");
    }

    [Fact]
    public async Task Revoke_TwiceAndUnknown_SameAnswerAndProblem()
    {
        var code = await _api.Code();
        (await _api.Post($"/codes/{code}/revoke", new { })).Invalid("reason");
        var first = await _api.Post($"/codes/{code}/revoke", new { reason = "Posted in public." });
        Assert.Equal("revoked", first.Expect(200).GetProperty("reason").GetString());
        Assert.Equal(first.Text, (await _api.Post($"/codes/{code}/revoke", new { reason = "Again." })).Text);
        (await _api.Post("/redemptions", new { code, email = "revoked@example.com", name = "Ann" })).Problem(410, "code-revoked");
        (await _api.Post("/codes/ZZZZ-ZZZZ-ZZZZ/revoke", new { reason = "Gone." })).Problem(404, "code-unknown");
    }

    [Fact]
    public async Task Find_UnknownCode_IsAnAnswer()
    {
        var facts = (await _api.Get("/codes/NOPE-NOPE-NOPE")).Expect(200);
        Assert.False(facts.GetProperty("valid").GetBoolean());
        Assert.Equal(("unknown", "unknown", 0), (facts.GetProperty("reason").GetString(), facts.GetProperty("kind").GetString(), facts.GetProperty("usesLeft").GetInt32()));
    }

    [Fact]
    public async Task Issue_MemberGetsCodes_WithinBounds()
    {
        var userId = (await _api.Member("issued@example.com")).GetProperty("userId").GetString();
        Assert.Equal(5, (await _api.Post($"/members/{userId}/codes", new { count = 5 })).Expect(201).GetProperty("codes").GetArrayLength());
        foreach (var count in (int[])[0, -1, 101, 1_000_000])
        {
            (await _api.Post($"/members/{userId}/codes", new { count })).Invalid("count");
        }

        (await _api.PostText($"/members/{userId}/codes", """{"count":99999999999}""")).Invalid("count");
        (await _api.PostText($"/members/{userId}/codes", """{"count":1.5}""")).Invalid("count");
        (await _api.Post("/members/usr_nobody/codes", new { count = 1 })).Problem(404, "not-found");
    }

    [Fact]
    public async Task Leaderboard_WhoBringsPeople_StandsOnItWithTheChainBelow()
    {
        var top = await _api.Member("chain.top@example.com");
        var middle = (await _api.Post("/redemptions", new { code = CodeOf(top, 0), email = "chain.middle@example.com", name = "Mid" })).Expect(201);
        (await _api.Post("/redemptions", new { code = CodeOf(top, 1), email = "chain.second@example.com", name = "Sec" })).Expect(201);
        (await _api.Post("/redemptions", new { code = CodeOf(middle, 0), email = "chain.bottom@example.com", name = "Bot" })).Expect(201);

        // It may be five seconds old, and says so: from the moment it says it is right of, all of it must be there.
        List<JsonElement> rows = [];
        var done = new DateTimeOffset(await app.Database.Scalar<DateTime>("SELECT now()"));
        await WaitFor.True(async () =>
        {
            var answer = await _api.Get("/leaderboard?limit=200");
            rows = [.. answer.Expect(200).EnumerateArray()];
            return DateTimeOffset.Parse(answer.Header("X-As-Of")!, CultureInfo.InvariantCulture) > done;
        });
        var row = rows.Single(r => r.GetProperty("userId").GetString() == top.GetProperty("userId").GetString());
        Assert.Equal((2, 3), (row.GetProperty("referrals").GetInt32(), row.GetProperty("downstream").GetInt32()));
        Assert.Equal(Enumerable.Range(1, rows.Count), rows.Select(r => r.GetProperty("rank").GetInt32()));
        var member = (await _api.Get($"/members/{top.GetProperty("userId").GetString()}")).Expect(200);
        Assert.Equal((2, 3, 2, 1), (member.GetProperty("referrals").GetInt32(), member.GetProperty("codesGiven").GetInt32(), member.GetProperty("codesUsed").GetInt32(), member.GetProperty("codesOpen").GetInt32()));
        Assert.Equal([1, 1, 2], (await _api.Get($"/members/{top.GetProperty("userId").GetString()}/referrals")).Expect(200).GetProperty("below").EnumerateArray().Select(m => m.GetProperty("depth").GetInt32()));
        var chain = (await _api.Get($"/members/{middle.GetProperty("userId").GetString()}/referrals?depth=1")).Expect(200);
        Assert.Equal(top.GetProperty("userId").GetString(), Assert.Single(chain.GetProperty("path").EnumerateArray()).GetProperty("userId").GetString());
        Assert.Single(chain.GetProperty("below").EnumerateArray());
        (await _api.Get("/members/usr_nobody")).Problem(404, "not-found");
        (await _api.Get("/members/usr_nobody/referrals")).Problem(404, "not-found");
        (await _api.Get($"/members/{top.GetProperty("userId").GetString()}/referrals?depth=21")).Invalid("depth");

        Assert.Single((await _api.Get("/leaderboard?limit=1")).Expect(200).EnumerateArray());
        (await _api.Get("/leaderboard?limit=0")).Invalid("limit");
        (await _api.Get("/leaderboard?limit=many")).Invalid("limit");
        (await _api.Get("/leaderboard?limit=99999999999999")).Invalid("limit");

        static string CodeOf(JsonElement member, int index) => member.GetProperty("codes")[index].GetProperty("code").GetString()!;
    }

    public void Dispose() => _api.Dispose();
}
