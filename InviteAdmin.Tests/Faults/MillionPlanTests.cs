using InviteAdmin.Access;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Tests.Faults;

/// <summary>
/// With a million waiting, the hot statements touch what they change and no more. A release whose LIMIT was a parameter once
/// sorted a tenth of the table; this keeps such plans from coming back.
/// </summary>
[Collection(LoadCollection.Name)]
public sealed class MillionPlanTests(MillionEntries million) : IClassFixture<MillionEntries>
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1_000)]
    public async Task Release_AtAMillion_WalksTheRankIndexAsFarAsItInvites(int count)
    {
        var plans = await million.Plans(p => p.Release(count));
        AssertSmall(plans, (2 * count) + 20);
        var pick = Assert.Single(plans, p => p.Sql.Contains("picked", StringComparison.Ordinal));
        Assert.True(pick.Uses("ix_waitlist_entries_rank"), pick.ToString());
    }

    [Fact]
    public async Task Join_AtAMillion_TouchesItsOwnRows()
    {
        EntryFacts hub = null!;
        AssertSmall(await million.Plans(async p => hub = await p.Waiting("hub@example.com")), 100);
        AssertSmall(await million.Plans(p => p.Waiting("joins@example.com", hub.ReferralToken, "Twitter")), 100);
        AssertSmall(await million.Plans(p => p.Waiting("joins@example.com", hub.ReferralToken, "Twitter")), 100);
        AssertSmall(await million.Plans(p => p.JoinTogether(
            [.. Enumerable.Range(0, 1_000).Select(i => new JoinRequest($"many{i}@example.com", "Ann", Referral: hub.ReferralToken, EmailVerified: true))])), 3_000);
    }

    [Fact]
    public async Task Confirm_AtAMillion_TouchesItsOwnRows()
    {
        (await million.Product.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Product.Key, new JoinRequest("confirms@example.com", "Ann", Referral: "r7"), default))).Must();
        var token = await million.Database.Scalar<string>("SELECT confirm_token FROM waitlist_entries WHERE email = 'confirms@example.com'");
        AssertSmall(await million.Plans(p => p.Do<ConfirmEmail, Outcome<EntryFacts>>(c => c.One(Actor.Public, token, default))), 100);
    }

    [Fact]
    public async Task Redeem_AtAMillion_TouchesItsOwnRows()
    {
        AssertSmall(await million.Plans(p => p.Redeem("V1P000001", "stranger@somewhere.example")), 100);
        AssertSmall(await million.Plans(p => p.Redeem("V1P000002", "123456@example.com", verified: true)), 100);
        AssertSmall(await million.Plans(p => p.Redeem("V1P000002", "again@somewhere.example")), 100);
    }

    [Fact]
    public async Task Status_AtAMillion_IsOneIndexLookup()
    {
        var plans = await million.Plans(async p => Assert.NotNull(await p.One<EntryQueries>().ByStatusToken("s4711", default)));
        AssertSmall(plans, 100);
        Assert.True(plans[^1].Uses("ux_waitlist_entries_status_token"));
    }

    private static void AssertSmall(IReadOnlyList<QueryPlan> plans, double most)
    {
        Assert.All(plans, p => Assert.False(p.Scans("waitlist_entries") || p.Scans("invite_codes"), p.ToString()));
        Assert.All(plans, p => Assert.True(p.MostRows <= most, $"{p.MostRows} rows, {most} allowed: {p}"));
    }
}
