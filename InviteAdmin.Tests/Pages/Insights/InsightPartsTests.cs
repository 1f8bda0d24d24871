using Bunit;
using InviteAdmin.Components.Pages.Insights;
using InviteAdmin.Insights;
using InviteAdmin.Live;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Insights;

public sealed class InsightPartsTests : BunitContext
{
    private static readonly InsightRange March = new(new(2026, 3, 1), new(2026, 3, 28), "Etc/UTC");

    public InsightPartsTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System);
    }

    [Fact]
    public void FunnelFigure_EveryLoss_LeadsToThosePeople()
    {
        var figure = Render<FunnelFigure>(p => p.Add(f => f.Now, Facts(new(1000, 900, 300, 200, 10))).Add(f => f.Days, 90));

        Assert.Equal("Of 1,000 people who joined, 300 were invited and 200 registered: 67 % of those invited.", figure.Find("figcaption").TextContent);
        Assert.Equal(["100 people did not confirm", "600 people were not invited", "100 people did not register", "190 people brought nobody"], figure.FindAll("td[data-name='Who stopped here'] a").Select(a => a.TextContent));
        Assert.Equal("/admin/insights/people?step=registered&days=90", figure.FindAll("td[data-name='Who stopped here'] a")[2].GetAttribute("href"));
        Assert.Contains("90 %900 of 1,000", figure.FindAll("td[data-name='Of the step before']")[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("signed up without an invitation", figure.Find("details.how").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void FunnelFigure_NobodyAndFew_SaySo()
    {
        Assert.Equal("Nobody joined in this range.", Render<FunnelFigure>(p => p.Add(f => f.Now, Facts(FunnelSteps.None)).Add(f => f.Days, 7)).Find("figcaption").TextContent);
        Assert.Contains("too few", Render<FunnelFigure>(p => p.Add(f => f.Now, Facts(new(10, 5, 1, 1, 0))).Add(f => f.Days, 7)).FindAll("td[data-name='Of the step before']")[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void FunnelFigure_Compared_ShowsBothPeriods()
    {
        var figure = Render<FunnelFigure>(p => p.Add(f => f.Now, Facts(new(100, 90, 30, 20, 1))).Add(f => f.Before, Facts(new(200, 100, 50, 25, 5))).Add(f => f.Days, 28));

        Assert.Contains("50 % (100 of 200)", figure.FindAll("td[data-name=Before]")[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("The days before", figure.Find(".legend").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void TimesFigure_SaysMedianAndNineOfTen()
    {
        var times = new RegisterTimes([new(0, 10), new(13, 10), new(70, 5)]);

        Assert.Equal("Half of those who registered did so within 14 hours of their invitation, nine of ten within 3 days.", Times(times).Find("figcaption").TextContent);
        Assert.Equal("Nobody who was invited in this range has registered yet.", Times(new([])).Find("figcaption").TextContent);
        Assert.Contains("too few to rely on", Times(new([new(0, 3)])).Find("figcaption").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void CohortGrid_YoungCells_AreHatchedAndSaidInWords()
    {
        var curve = Enumerable.Range(0, InsightQueries.CohortDays).Select(d => (long)Math.Min(60, 10 * (d + 1))).ToArray();

        var grid = Render<CohortGrid>(p => p.Add(c => c.Cohorts, new Counted<IReadOnlyList<CohortCurve>>([new(2, DateTimeOffset.UnixEpoch, 100, 1, curve), new(1, DateTimeOffset.UnixEpoch, 100, 3, curve)], null, 2)));

        Assert.Equal(["Cohort", "Invited", "Day 0", "Day 1", "Day 2", "Day 3"], grid.FindAll("thead th").Select(h => h.TextContent));
        Assert.Equal(2, grid.FindAll("td.immature").Count);
        Assert.Contains("so far", grid.FindAll("td.immature")[0].TextContent, StringComparison.Ordinal);
        Assert.Equal("20 of 100, so far", grid.FindAll("td.immature")[0].GetAttribute("title"));
        Assert.Contains("10 % of those invited register on the first day (20 of 200).", grid.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void CountedLine_NeverAndLongAgo_SaySo()
    {
        Services.AddSingleton(new WorkspaceZone(null!, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<WorkspaceZone>.Instance));

        Assert.Contains("for the first time", Line(null), StringComparison.Ordinal);
        Assert.Contains("longer ago than it should be", Line(TimeProvider.System.GetUtcNow().AddMinutes(-10)), StringComparison.Ordinal);
        Assert.DoesNotContain("longer ago", Line(TimeProvider.System.GetUtcNow()), StringComparison.Ordinal);
    }

    [Fact]
    public void View_NonsenseInTheAddress_IsIgnored()
    {
        var view = InviteAdmin.Components.Shared.UrlState<InsightsView>.Read("/admin/insights?days=12&compare=perhaps&x=y");

        Assert.Equal(28, view.Range(new(2026, 3, 28), "Etc/UTC").Days);
        Assert.False(view.Compare);
        Assert.Equal(new InsightRange(new(2026, 2, 1), new(2026, 2, 28), "Etc/UTC"), (new DropOffView { Before = true }).Range(new(2026, 3, 28), "Etc/UTC"));
        Assert.Equal(DropOff.Confirmed, InviteAdmin.Components.Shared.UrlState<DropOffView>.Read("/admin/insights/people?step=7&page=-1").Step);
    }

    private string Line(DateTimeOffset? at) => Render<CountedLine>(p => p.Add(c => c.At, at).Add(c => c.What, "They were counted")).Markup;

    private IRenderedComponent<TimesFigure> Times(RegisterTimes times) => Render<TimesFigure>(p => p.Add(t => t.Now, new Counted<RegisterTimes>(times, null, 1)));

    private static RangeFacts Facts(FunnelSteps steps) => new(
        March, new([new(null, steps)], null, 5), new([], null, 1), new([], null, 1), new(new([]), null, 1));
}
