using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>Redemptions that meet: two processes on one database, over HTTP.</summary>
[Collection(LoadCollection.Name)]
public sealed class RedemptionRaceTests(AppCluster cluster, ITestOutputHelper output) : IClassFixture<AppCluster>
{
    [Fact]
    public async Task Redemptions_TwoHundredAtOnceOfAOneUseCode_OneWins()
    {
        var rounds = Trials.Of(5, 50);
        for (var round = 0; round < rounds; round++)
        {
            var code = $"0NCE{round:000}0000";
            await Vip(code, 1);
            var answers = await Race.Of(200, i => Redeem(code, $"once-{round}-{i}@example.com"));
            Assert.Equal("1 × 201, 199 × code-exhausted", Summary(answers));
            Assert.Equal(1, await Used(code));
        }

        output.WriteLine($"n = {rounds} rounds of 200: {rounds} redeemed of {rounds * 200}.");
        Assert.Empty(await cluster.Violations());
    }

    [Fact]
    public async Task Redemptions_FiveHundredAtOnceOfA37UseCodeHoweverWritten_37Win()
    {
        await Vip("HA11F00DB0B0", 37);
        string[] written = ["HA11F00DB0B0", "hail-food-bobo", "Ha1L-F0oD-b0B0", "HAIL FOOD BOBO", "ha-1l-f0-0d-b0-b0"];
        var answers = await Race.Of(500, i => Redeem(written[i % written.Length], $"many-{i}@example.com"));
        Assert.Equal("37 × 201, 463 × code-exhausted", Summary(answers));
        Assert.Equal(37, await Used("HA11F00DB0B0"));
        Assert.Empty(await cluster.Violations());
    }

    [Fact]
    public async Task Redemptions_OneEmailWithFiftyCodesAtOnce_OneMemberAnd49CodesUnspent()
    {
        var rounds = Trials.Of(5, 50);
        for (var round = 0; round < rounds; round++)
        {
            await cluster.Execute($"INSERT INTO invite_codes (code, shown, kind, person_name) SELECT 'P1CK{round:00}' || to_char(i, 'FM000'), 'P1CK', 'vip', 'Ann' FROM generate_series(0, 49) i");
            var answers = await Race.Of(50, i => Redeem($"P1CK{round:00}{i:000}", i % 2 == 0 ? $"same-{round}@example.com" : $"Same-{round}@EXAMPLE.com"));
            Assert.Equal("1 × 201, 49 × email-registered", Summary(answers));
            Assert.Equal((1L, 49L), (
                await cluster.Database.Scalar<long>($"SELECT count(*) FROM members WHERE email = 'same-{round}@example.com'"),
                await cluster.Database.Scalar<long>($"SELECT count(*) FROM invite_codes WHERE code LIKE 'P1CK{round:00}%' AND used_count = 0")));
        }

        output.WriteLine($"n = {rounds} rounds of 50.");
        Assert.Empty(await cluster.Violations());
    }

    [Fact]
    public async Task Redemption_AgainstRevocationAtTheSameInstant_NeverAfterItsCommit()
    {
        const int Pairs = 1_000;
        await cluster.Execute($"INSERT INTO invite_codes (code, shown, kind, person_name, max_uses) SELECT 'REV0' || to_char(i, 'FM0000'), 'REV0', 'vip', 'Ann', 1 + i % 2 FROM generate_series(0, {Pairs - 1}) i");
        var won = 0;
        foreach (var chunk in Enumerable.Range(0, Pairs).Chunk(20))
        {
            var answers = await Race.Of(chunk.Length * 2, n =>
                n % 2 == 0 ? cluster.PostTo(chunk[n / 2], "redemptions", new { code = $"REV0{chunk[n / 2]:0000}", email = $"rev-{chunk[n / 2]}@example.com", name = "Ann" })
                           : cluster.PostTo(chunk[n / 2] + 1, $"codes/REV0{chunk[n / 2]:0000}/revoke", new { reason = "Leaked." }));
            for (var n = 0; n < answers.Length; n += 2)
            {
                Assert.True(answers[n] is { Status: 201 } or { Problem: "code-revoked" }, answers[n].ToString());
                Assert.Equal(200, answers[n + 1].Status);
                won += answers[n].Status == 201 ? 1 : 0;
                Assert.Equal(answers[n].Status == 201 ? 1 : 0, await Used($"REV0{chunk[n / 2]:0000}"));
            }
        }

        output.WriteLine($"n = {Pairs} pairs: the redemption came first in {won}.");
        Assert.InRange(won, 1, Pairs - 1);
        Assert.Equal(0, await cluster.Database.Scalar<long>("SELECT count(*) FROM redemptions r JOIN invite_codes c ON c.id = r.code_id WHERE r.redeemed_at > c.revoked_at"));
        Assert.Empty(await cluster.Violations());
    }

    [Fact]
    public async Task Redemption_AtTheInstantOfExpiry_NeverAfterIt()
    {
        const int Pairs = 1_000;
        var won = 0;
        foreach (var chunk in Enumerable.Range(0, Pairs).Chunk(20))
        {
            // They expire over the 60 ms in which the redemptions arrive.
            await cluster.Execute($"""
                INSERT INTO invite_codes (code, shown, kind, person_name, expires_at)
                SELECT 'EXP0' || to_char(i, 'FM0000'), 'EXP0', 'vip', 'Ann', clock_timestamp() + (i % 20) * interval '3 milliseconds' FROM generate_series({chunk[0]}, {chunk[^1]}) i
                """);
            var answers = await Race.Of(chunk.Length, n => Redeem($"EXP0{chunk[n]:0000}", $"exp-{chunk[n]}@example.com"));
            Assert.All(answers, a => Assert.True(a is { Status: 201 } or { Problem: "code-expired" }, a.ToString()));
            won += answers.Count(a => a.Status == 201);
        }

        output.WriteLine($"n = {Pairs} pairs: the redemption came first in {won}.");
        Assert.InRange(won, 1, Pairs - 1);
        Assert.Equal(won, await cluster.Database.Scalar<long>("SELECT count(*) FROM invite_codes WHERE code LIKE 'EXP0%' AND used_count = 1"));
        Assert.Empty(await cluster.Violations());
    }

    [Fact]
    public async Task Referrals_FiftyOfOneMemberAtOnce_EachMilestoneGrantedOnce()
    {
        var rounds = Trials.Of(10, 100);
        for (var round = 0; round < rounds; round++)
        {
            await cluster.Execute(OwnerOfFiftyCodes(round));
            var answers = await Race.Of(50, i => Redeem($"FR1END{round:000}{i:000}", $"friend-{round}-{i}@example.com"));
            Assert.All(answers, a => Assert.Equal((201, $"usr_owner{round}"), (a.Status, a.Body.GetProperty("invitedBy").GetString())));
            Assert.Equal("50 vip", await cluster.Database.Scalar<string>($"SELECT credited_referrals || ' ' || tier FROM members WHERE public_id = 'usr_owner{round}'"));
            Assert.Equal("3,5,10,25,50", await OfOwner(round, "string_agg(g.threshold::text, ',' ORDER BY g.threshold)", "reward_grants g ON g.member_id = m.id"));
            Assert.Equal("40", await OfOwner(round, "count(*)::text", "invite_codes c ON c.owner_member_id = m.id AND c.used_count = 0"));
            Assert.Equal("5", await OfOwner(round, "count(*)::text", "outbox o ON o.member_id = m.id AND o.template = 'referral_milestone'"));
        }

        output.WriteLine($"n = {rounds} rounds of 50.");
        Assert.Empty(await cluster.Violations());
    }

    private static string OwnerOfFiftyCodes(int round) => $"""
        WITH code AS (
          INSERT INTO invite_codes (code, shown, kind, person_name, used_count) VALUES ('0WNER{round:000}', '0WNER', 'vip', 'Ann', 1) RETURNING id
        ), owner AS (
          INSERT INTO members (public_id, email, canonical_email, name, base_codes, credited_referrals)
          VALUES ('usr_owner{round}', 'owner-{round}@example.com', 'owner-{round}@example.com', 'Ann', 50, 0) RETURNING id
        ), redeemed AS (
          INSERT INTO redemptions (member_id, code_id) SELECT owner.id, code.id FROM owner, code
        )
        INSERT INTO invite_codes (code, shown, kind, owner_member_id)
        SELECT 'FR1END{round:000}' || to_char(i, 'FM000'), 'FR1END', 'personal', owner.id FROM owner, generate_series(0, 49) i
        """;

    private Task<string> OfOwner(int round, string what, string joined) =>
        cluster.Database.Scalar<string>($"SELECT {what} FROM members m JOIN {joined} WHERE m.public_id = 'usr_owner{round}'");

    private static string Summary(IEnumerable<Answer> answers) => string.Join(", ", answers.CountBy(a => a.Problem.Length > 0 ? a.Problem : $"{a.Status}").OrderBy(c => c.Key).Select(c => $"{c.Value} × {c.Key}"));

    private Task<Answer> Redeem(string code, string email) => cluster.Post("redemptions", new { code, email, name = "Ann Example" });

    private Task Vip(string code, int uses) => cluster.Execute($"INSERT INTO invite_codes (code, shown, kind, person_name, max_uses) VALUES ('{code}', '{code}', 'vip', 'Ann', {uses})");

    private Task<int> Used(string code) => cluster.Database.Scalar<int>($"SELECT used_count FROM invite_codes WHERE code = '{code}'");
}
