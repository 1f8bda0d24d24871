using InviteAdmin.Campaigns;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Invites;

/// <summary>The table of codes: every filter finds what it names, whatever it is combined with.</summary>
public sealed class CodeListQueriesTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private static string? _slug;
    private readonly Product _product = new(database);

    public async Task InitializeAsync()
    {
        if (_slug is not null) return;
        var campaign = (await _product.Do<MintCampaign, Outcome<MintedCampaign>>(m => m.One(Product.Owner, new MintRequest("Autumn", 60, 1, ExpiresInDays: 30, Prefix: "LEAF"), default))).Must();
        _slug = campaign.Slug;
        (await _product.Redeem(campaign.Codes[0], "ann@example.com")).Must();
        (await _product.Do<RevokeCode, Outcome<CodeFacts>>(r => r.One(Product.Owner, campaign.Codes[1], "Leaked.", default))).Must();
        await Execute($"UPDATE invite_codes SET expires_at = now() - interval '1 day' WHERE shown IN ('{campaign.Codes[2]}', '{campaign.Codes[3]}')");
        (await _product.Do<CreateVipCode, Outcome<GivenCode>>(v => v.One(Product.Owner, new VipRequest("Vera 100% Important", "vera@example.com"), default))).Must();
        await _product.Waiting("ben@example.com");
        await _product.Release(1);
        await _product.Waiting("cleo@example.com");
        await _product.Release(1);
        await Execute("UPDATE invite_codes SET expires_at = now() - interval '1 hour' WHERE entry_id = (SELECT id FROM waitlist_entries WHERE email = 'cleo@example.com')");
        await _product.Do<LapseInvitations, Outcome<LapseReport>>(l => l.Run(Access.Actor.System, default));
    }

    [Theory]
    [InlineData(null, null, 66)]
    [InlineData(null, CodeState.Active, 61)]
    [InlineData(null, CodeState.Exhausted, 1)]
    [InlineData(null, CodeState.Expired, 2)]
    [InlineData(null, CodeState.Lapsed, 1)]
    [InlineData(null, CodeState.Revoked, 1)]
    [InlineData(CodeKind.Campaign, null, 60)]
    [InlineData(CodeKind.Campaign, CodeState.Active, 56)]
    [InlineData(CodeKind.Personal, CodeState.Active, 3)]
    [InlineData(CodeKind.Personal, CodeState.Revoked, 0)]
    [InlineData(CodeKind.Vip, CodeState.Active, 1)]
    [InlineData(CodeKind.Waitlist, null, 2)]
    [InlineData(CodeKind.Waitlist, CodeState.Lapsed, 1)]
    public async Task Page_OfEveryFilter_CountsAndShowsTheSameRows(CodeKind? kind, CodeState? state, int expected)
    {
        foreach (var sort in Enum.GetValues<CodeSort>())
        {
            var filter = new CodeFilter(kind, state);
            var page = await Queries.Page(filter, sort, 1, default);
            if (filter.Allowed(sort) != CodeSort.Ending || state is not null) Assert.Equal((expected, false), (page.Total, page.More));
            var all = new List<CodeRow>();
            await foreach (var row in Queries.All(filter, sort, default)) all.Add(row);
            Assert.Equal(all.Take(50).Select(r => r.Code), page.Rows.Select(r => r.Code));
            Assert.All(all, r => Assert.True((kind is null || r.Kind == kind.ToString()!.ToLowerInvariant()) && (state is null || r.State == state.ToString()!.ToLowerInvariant())));
        }
    }

    [Fact]
    public async Task Page_SecondAndPastTheEnd_GoOnWhereTheFirstEnded()
    {
        var (first, second, past) = (await Queries.Page(new(), CodeSort.Newest, 1, default), await Queries.Page(new(), CodeSort.Newest, 2, default), await Queries.Page(new(), CodeSort.Newest, int.MaxValue, default));
        Assert.Equal((50, 16, 0), (first.Rows.Count, second.Rows.Count, past.Rows.Count));
        Assert.Empty(first.Rows.Select(r => r.Code).Intersect(second.Rows.Select(r => r.Code)));
    }

    [Fact]
    public async Task Page_SortedByEnd_ShowsWhatRunsOutNextFirst()
    {
        var rows = (await Queries.Page(new(), CodeSort.Ending, 1, default)).Rows;
        Assert.Equal(rows.OrderBy(r => r.ExpiresAt).Select(r => r.Code), rows.Select(r => r.Code));
        Assert.All(rows, r => Assert.Equal("active", r.State));
        var expired = (await Queries.Page(new(State: CodeState.Expired), CodeSort.Newest, 1, default)).Rows;
        Assert.Equal(expired.OrderByDescending(r => r.ExpiresAt).Select(r => r.Code), expired.Select(r => r.Code));
    }

    [Theory]
    [InlineData("leaf", 60)]
    [InlineData("LEAF-", 60)]
    [InlineData("ann@example.com", 3)]
    [InlineData("Ben@Example.com", 1)]
    [InlineData("vera@example.com", 1)]
    [InlineData("100% imp", 1)]
    [InlineData("100_ imp", 0)]
    [InlineData("§", 0)]
    [InlineData("nobody@example.com", 0)]
    public async Task Page_Searched_FindsBeginningsEmailsAndVips(string text, int expected) =>
        Assert.Equal(expected, (await Queries.Page(new(Search: text), CodeSort.Newest, 1, default)).Total);

    [Fact]
    public async Task Page_SearchedAndFiltered_BothHold()
    {
        Assert.Equal(1, (await Queries.Page(new(State: CodeState.Exhausted, Campaign: _slug, Search: "leaf"), CodeSort.Newest, 1, default)).Total);
        Assert.Equal(0, (await Queries.Page(new(Kind: CodeKind.Vip, Campaign: _slug), CodeSort.Newest, 1, default)).Total);
        Assert.Equal(0, (await Queries.Page(new(Campaign: "no-such-campaign"), CodeSort.Newest, 1, default)).Total);
    }

    [Fact]
    public async Task Rows_NameWhomTheCodeIsFor()
    {
        var (vip, leaf, ben) = (await Row("vera@example.com"), await Row("leaf"), await Row("ben@example.com"));
        Assert.Equal("Vera 100% Important", vip.Person);
        Assert.Null(vip.PersonId);
        Assert.Equal(("Autumn", _slug!), (leaf.Campaign!, leaf.CampaignSlug!));
        Assert.Equal(("Ann Example", 1), (ben.Person!, ben.Cohort!.Value));
        Assert.StartsWith("usr_", (await Row("ann@example.com")).PersonId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CampaignPage_CountsItsFunnelAndDays()
    {
        var queries = new CampaignPageQueries(database.Source, _product.One<Access.Links>(), new RecentCounts(TimeProvider.System));
        var campaign = (await queries.Find(_slug!, default))!;
        Assert.Equal((60, 1, 1, 56, 56, 58, 1), (campaign.Minted, campaign.CodesUsed, campaign.Registered, campaign.OpenCodes, campaign.OpenUses, campaign.UnusedUses, campaign.RevokedCodes));
        Assert.Equal(0, await queries.BroughtOthers(_slug!, default));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var days = await queries.ByDay(_slug!, today.AddDays(-13), today, TimeZoneInfo.Utc, default);
        Assert.Equal((14, 1), (days.Count, days.Sum(d => d.Registered)));
        Assert.Equal("https://invite.example.com/signup?code=" + (await queries.FirstCodes(_slug!, 3, default))[0].Code, (await queries.FirstCodes(_slug!, 3, default))[0].Link);
        Assert.Null(await queries.Find("no-such-campaign", default));
    }

    public async Task DisposeAsync() => await _product.DisposeAsync();

    private CodeListQueries Queries => new(database.Source, new RecentCounts(TimeProvider.System));

    private async Task<CodeRow> Row(string search) => (await Queries.Page(new(Search: search), CodeSort.Newest, 1, default)).Rows[0];

    private async Task Execute(string sql)
    {
        await using var command = database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
