using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.People;
using InviteAdmin.Results;
using InviteAdmin.Tests.People;
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

    /// <summary>Of each filter the page and its bounded count follow an index, in the order shown. The oldest first walks past all that have run out meanwhile.</summary>
    [Fact]
    public async Task Codes_AtAMillion_EveryFilterTouchesWhatItCounts()
    {
        await FillCodes();
        var (wrong, most) = (new List<string>(), 10 * CodeRows.MostCounted);
        foreach (var kind in (CodeKind?[])[null, .. Enum.GetValues<CodeKind>()])
            foreach (var state in (CodeState?[])[null, .. Enum.GetValues<CodeState>()])
                foreach (var sort in ((CodeSort[])[CodeSort.Newest, CodeSort.Ending]).Where(s => new CodeFilter(kind, state).Allowed(s) == s))
                {
                    var plans = await million.Plans(p => new CodeListQueries(p.One<Npgsql.NpgsqlDataSource>(), new RecentCounts(TimeProvider.System)).Page(new CodeFilter(kind, state), sort, 1, default));
                    if (plans.MaxBy(p => p.MostRows)! is { } worst && worst.MostRows > most) wrong.Add($"{kind} {state} {sort}: {worst.MostRows} rows: {worst}");
                }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    // Nine in ten are personal codes, as in a launch that went well; a fifth is used, half of the rest has run out, one in a thousand is revoked.
    private async Task FillCodes()
    {
        await using var command = million.Database.Source.CreateCommand("""
            INSERT INTO invite_codes (code, shown, kind, owner_member_id, used_count, status, revoked_at, expires_at)
            SELECT 'P' || to_char(i, 'FM0000000'), 'P' || i, 'personal', (SELECT min(id) FROM members) + i % 50000, CASE WHEN i % 5 = 0 THEN 1 ELSE 0 END,
              CASE WHEN i % 1000 = 1 THEN 'revoked' ELSE 'active' END, CASE WHEN i % 1000 = 1 THEN now() END, now() + (i - 450000) * interval '6 seconds'
            FROM generate_series(1, 900000) i
            """);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
        command.CommandText = "VACUUM ANALYZE invite_codes";
        await command.ExecuteNonQueryAsync();
    }

    [Theory]
    [InlineData(PeopleShow.All, null, PeopleSort.Newest)]
    [InlineData(PeopleShow.Registered, null, PeopleSort.Brought)]
    [InlineData(PeopleShow.Invited, null, PeopleSort.Newest)]
    [InlineData(PeopleShow.Declined, null, PeopleSort.Newest)]
    [InlineData(PeopleShow.Held, null, PeopleSort.Newest)]
    [InlineData(PeopleShow.All, "vip", PeopleSort.Newest)]
    public async Task People_AtAMillion_ArePagedByIndex(PeopleShow show, string? tier, PeopleSort sort)
    {
        var people = new PeopleQueries(million.Product.One<Npgsql.NpgsqlDataSource>(), new RecentCounts(TimeProvider.System));
        var plans = await million.Plans(_ => people.Page(new(show, tier), sort, 1, default));
        // Everybody of the fixture joined at one instant, so that the order within it is a sort; the count is bounded.
        if (show != PeopleShow.All || tier is not null) AssertSmall([plans[^1]], 15_000);
    }

    [Theory]
    [InlineData("4711@example.com")]
    [InlineData("wl_4711")]
    [InlineData("V1P000007")]
    [InlineData("zoe example")]
    public async Task Search_AtAMillion_TouchesWhatItFinds(string typed)
    {
        var people = new PeopleQueries(million.Product.One<Npgsql.NpgsqlDataSource>(), new RecentCounts(TimeProvider.System));
        var plans = await million.Plans(_ => people.Page(new(Search: typed), PeopleSort.Newest, 1, default));
        // A name that nobody has from its beginning is looked for inside, which is the one pass that is allowed.
        AssertSmall([.. plans.Where(p => !p.Sql.Contains("email LIKE", StringComparison.Ordinal))], 100);
    }

    [Fact]
    public async Task Person_AtAMillion_TouchesTheirOwnRows()
    {
        foreach (var id in (string[])["wl_4711", "usr_4711"])
        {
            var plans = await million.Plans(async p => Assert.NotNull(await p.PersonOf(id)));
            AssertSmall([.. plans.Where(p => !p.Sql.Contains("status = 'waiting'", StringComparison.Ordinal))], 2_000);
            AssertSmall(await million.Plans(async p => Assert.NotEmpty((await p.TimelineOf().Page(id, null, 1, default)).Rows)), 2_000);
        }
    }

    private static void AssertSmall(IReadOnlyList<QueryPlan> plans, double most)
    {
        Assert.All(plans, p => Assert.False(p.Scans("waitlist_entries") || p.Scans("invite_codes"), p.ToString()));
        Assert.All(plans, p => Assert.True(p.MostRows <= most, $"{p.MostRows} rows, {most} allowed: {p}"));
    }
}
