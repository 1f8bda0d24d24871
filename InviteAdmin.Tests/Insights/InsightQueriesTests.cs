using System.Globalization;
using InviteAdmin.Insights;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Insights;

/// <summary>Counts of a few rows, each of which can be checked by hand.</summary>
public sealed class InsightQueriesTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private readonly Product _product = new(database);
    private readonly InsightRows _rows = new(database);

    private InsightQueries Queries => new(database.Source);

    public Task InitializeAsync() => database.Execute("TRUNCATE waitlist_entries, members, cohorts, campaigns, insight_joined, insight_invited, insight_registered, insight_cohorts, insight_changes CASCADE");

    public async Task DisposeAsync() => await _product.DisposeAsync();

    [Theory]
    [InlineData("Etc/UTC", "2026-03-10", "2026-03-09T23:59:59", "2026-03-10T00:00:00", "2026-03-10T23:59:59", "2026-03-11T00:00:00")]
    [InlineData("Asia/Kathmandu", "2026-03-10", "2026-03-09T18:14:59", "2026-03-09T18:15:00", "2026-03-10T18:14:59", "2026-03-10T18:15:00")]
    [InlineData("America/New_York", "2026-03-08", "2026-03-08T04:59:59", "2026-03-08T05:00:00", "2026-03-09T03:59:59", "2026-03-09T04:00:00")]
    [InlineData("Europe/Berlin", "2026-10-25", "2026-10-24T21:59:59", "2026-10-24T22:00:00", "2026-10-25T22:59:59", "2026-10-25T23:00:00")]
    public async Task BySource_AtTheBordersOfADay_CountsTheDayOfTheZone(string zone, string day, string before, string first, string last, string after)
    {
        foreach (var joined in (string[])[before, first, last, after]) await _rows.Entry(joined);
        await InsightRows.Count(_product);

        var range = Of(day) with { Zone = zone };

        Assert.Equal(2, Total(await Queries.BySource(range, default)).Joined);
        Assert.Equal(1, Total(await Queries.BySource(range.Previous(), default)).Joined);
        Assert.Equal(4, Total(await Queries.BySource(new(range.From.AddDays(-1), range.To.AddDays(1), zone), default)).Joined);
    }

    [Fact]
    public async Task BySource_EachStep_CountsOnlyThoseOfTheStepBefore()
    {
        const string Day = "2026-03-10T10:00:00";
        await _rows.Entry(Day);
        await _rows.Entry(Day, confirmed: Day, source: "Twitter");
        await _rows.Entry(Day, confirmed: Day, invited: Day);
        await _rows.Member(Day, await _rows.Entry(Day, Day, Day, Day, "Twitter"));
        await _rows.Member(Day, await _rows.Entry(Day, Day, Day, Day, "Twitter"), credited: 2);
        // By a friend's code and never invited: not in the funnel past confirming.
        await _rows.Member(Day, await _rows.Entry(Day, Day, registered: Day), credited: 1);
        await InsightRows.Count(_product);

        var found = (await Queries.BySource(Of("2026-03-10"), default)).Value;

        Assert.Equal([new SourceSteps("Twitter", new(3, 3, 2, 2, 1)), new SourceSteps(null, new(3, 2, 1, 0, 0))], found.OrderByDescending(s => s.Source));
    }

    [Fact]
    public async Task TimeToRegister_MedianAndNinety_AreTheFewestHoursWithinWhichSoManyHad()
    {
        foreach (var registered in (string[])["2026-03-10T10:59:59", "2026-03-10T11:00:00", "2026-03-10T15:00:00"])
            await _rows.Member(registered, await _rows.Entry("2026-03-01T00:00:00", "2026-03-01T00:00:00", "2026-03-10T10:00:00", registered));
        await _rows.Entry("2026-03-01T00:00:00", "2026-03-01T00:00:00", "2026-03-10T10:00:00");
        await _rows.Member("2026-03-15T10:00:00", await _rows.Entry("2026-03-01T00:00:00", "2026-03-01T00:00:00", "2026-03-11T10:00:00", "2026-03-15T10:00:00"));
        await InsightRows.Count(_product);

        var times = (await Queries.TimeToRegister(Of("2026-03-10"), default)).Value;

        Assert.Equal((3, 2, 6), (times.People, times.Median, times.Ninety));
        Assert.Equal([("under 1 h", 1L), ("1–3 h", 1L), ("3–6 h", 1L)], times.Histogram().Where(b => b.People > 0));
        Assert.Null((await Queries.TimeToRegister(Of("2026-03-12"), default)).Value.Median);
    }

    [Fact]
    public async Task Cohorts_ADayIsTwentyFourHoursFromTheRelease_AndWhatWasTakenBackIsOut()
    {
        var cohort = await _rows.Cohort(1, "2026-03-10T10:00:00", 4);
        await _rows.Cohort(2, "2026-03-10T12:00:00", 9, "recalled");
        await _rows.Cohort(3, "2026-03-11T10:00:00", 5);
        foreach (var registered in (string[])["2026-03-11T09:59:59", "2026-03-11T10:00:00", "2026-03-14T10:00:00"])
            await _rows.Member(registered, await _rows.Entry("2026-03-01T00:00:00", "2026-03-01T00:00:00", "2026-03-10T10:00:00", registered), cohort: cohort);
        await InsightRows.Count(_product);

        var curve = Assert.Single((await Queries.Cohorts(Of("2026-03-10"), default)).Value);

        Assert.Equal((1, 4L, 3L), (curve.Number, curve.Invited, curve.Registered));
        Assert.Equal([1, 2, 2, 2, 3, 3], curve.RegisteredByDay.Take(6));
        Assert.Equal([3, 1], (await Queries.Cohorts(new(new(2026, 3, 10), new(2026, 3, 11), "Etc/UTC"), default)).Value.Select(c => c.Number));
    }

    [Fact]
    public async Task Viral_OnlyCreditedReferralsWithin28DaysOfRegistering_InTheZonesWeek()
    {
        // Monday begins in Kathmandu at 18:15 UTC of Sunday.
        var sunday = await _rows.Member("2026-03-01T18:14:59", credited: 1);
        var monday = await _rows.Member("2026-03-01T18:15:00", credited: 2);
        await _rows.Member("2026-03-05T00:00:00");
        var friends = new List<long>();
        for (var i = 0; i < 4; i++) friends.Add(await _rows.Member("2026-06-01T00:00:00"));
        await _rows.Referral(sunday, friends[0], "2026-03-02T00:00:00");
        await _rows.Referral(monday, friends[1], "2026-03-29T18:14:59");
        await _rows.Referral(monday, friends[2], "2026-03-29T18:15:00");
        await _rows.Referral(monday, friends[3], "2026-03-10T00:00:00", "held");
        await InsightRows.Count(_product);

        var weeks = (await Queries.Viral(3, new DateOnly(2026, 3, 9), "Asia/Kathmandu", default)).Value;

        Assert.Equal([new(new(2026, 2, 23), 1, 1, true), new(new(2026, 3, 2), 2, 1, true), new ViralWeek(new(2026, 3, 9), 0, 0, true)], weeks);
        Assert.Equal(0.5, weeks[1].Coefficient);
        Assert.Null(weeks[2].Coefficient);
        Assert.False((await Queries.Viral(1, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime), "Etc/UTC", default)).Value[0].IsMature);
    }

    [Fact]
    public async Task ByCampaign_CountsWhoCameInTheRangeOfAllUsesOffered()
    {
        var campaign = await _rows.Campaign("autumn", 2, 3);
        await _rows.Member("2026-03-10T10:00:00", campaign: campaign, credited: 1);
        await _rows.Member("2026-03-10T11:00:00", campaign: campaign);
        await _rows.Member("2026-03-11T11:00:00", campaign: campaign);
        await _rows.Member("2026-03-10T12:00:00");
        await InsightRows.Count(_product);

        Assert.Equal([new CampaignSteps("autumn", "autumn", 2, 1, 6)], (await Queries.ByCampaign(Of("2026-03-10"), default)).Value);
    }

    [Theory]
    [InlineData(DropOff.Confirmed, 1)]
    [InlineData(DropOff.Invited, 1)]
    [InlineData(DropOff.Registered, 2)]
    [InlineData(DropOff.Brought, 1)]
    public async Task DropOff_ListsAsManyAsTheFunnelLost(DropOff step, int lost)
    {
        const string Day = "2026-03-10T10:00:00";
        await _rows.Entry(Day, source: "Twitter");
        await _rows.Entry(Day, Day, source: "Twitter");
        await _rows.Entry(Day, Day, Day, source: "Twitter");
        await _rows.Entry(Day, Day, Day, source: "Twitter");
        await _rows.Member(Day, await _rows.Entry(Day, Day, Day, Day, "Twitter"));
        await _rows.Member(Day, await _rows.Entry(Day, Day, Day, Day, "Twitter"), credited: 1);
        await _rows.Entry("2026-03-11T10:00:00");
        var queries = new DropOffQueries(database.Source);

        var (rows, more) = await queries.Page(Of("2026-03-10"), step, null, 1, default);

        Assert.Equal((lost, false), (rows.Count, more));
        Assert.Equal(lost, (await queries.Page(Of("2026-03-10"), step, "Twitter", 1, default)).Rows.Count);
        Assert.Empty((await queries.Page(Of("2026-03-10"), step, "Direct", 1, default)).Rows);
        Assert.Empty((await queries.Page(Of("2026-03-10"), step, "'; DROP TABLE members; --", 1, default)).Rows);
        var streamed = 0;
        await foreach (var _ in queries.All(Of("2026-03-10"), step, "Twitter", default)) streamed++;
        Assert.Equal(lost, streamed);
    }

    private static InsightRange Of(string day)
    {
        var date = DateOnly.Parse(day, CultureInfo.InvariantCulture);
        return new(date, date, "Etc/UTC");
    }

    private static FunnelSteps Total(Counted<IReadOnlyList<SourceSteps>> counted) => counted.Value.Aggregate(FunnelSteps.None, (sum, s) => sum + s.Steps);
}
