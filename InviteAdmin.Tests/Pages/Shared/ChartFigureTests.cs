using Bunit;
using InviteAdmin.Components.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Shared;

public sealed class ChartFigureTests : BunitContext
{
    public ChartFigureTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System);
    }

    [Fact]
    public void ChartFigure_SaysItsFindingAndShowsTheSameNumbersAsTable()
    {
        var chart = Render<ChartFigure>(p => p.Add(c => c.Sentence, "2 people joined yesterday.").Add(c => c.Days, [new(2026, 11, 1), new(2026, 11, 2)]).Add(c => c.LastIsSoFar, true)
            .Add(c => c.Series, [new("Joined", [2, 1]), new("Invited", [0, 5])]));
        Assert.Equal("2 people joined yesterday.", chart.Find("figcaption").TextContent);
        Assert.Equal(4, chart.FindAll("polyline.line").Count);
        Assert.Equal(2, chart.FindAll("polyline.so-far").Count);
        Assert.Contains("Joined 3", chart.Find(".legend").TextContent, StringComparison.Ordinal);

        chart.Find("button").Click();

        Assert.Equal(["2 Nov, so far", "1 Nov"], chart.FindAll("tbody th").Select(t => t.TextContent));
        Assert.Equal(["1", "5", "2", "0"], chart.FindAll("td").Select(t => t.TextContent));
        Assert.StartsWith("data:text/csv;charset=utf-8,day%2Cjoined%2Cinvited%0A2026-11-01%2C2%2C0", chart.Find("a[download]").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public void Bars_ImmatureOnes_AreHatchedSaidInWordsAndMarkedInTheFile()
    {
        var chart = Render<ChartFigure>(p => p.Add(c => c.Sentence, "Half of those who register do so within a day.").Add(c => c.Kind, ChartKind.Bars).Add(c => c.PointName, "Days")
            .Add(c => c.Points, [new("0"), new("1"), new("2") { IsImmature = true }]).Add(c => c.Series, [new("Registered", [10, 5, 1])]));

        Assert.Equal(3, chart.FindAll(".column").Count);
        Assert.Equal("height: 10%; --series: var(--series-1)", chart.Find(".column.immature").GetAttribute("style"));
        Assert.Contains("Hatched: may still grow", chart.Find(".legend").TextContent, StringComparison.Ordinal);
        Assert.EndsWith(Uri.EscapeDataString("days,registered,may still grow\n0,10,no\n1,5,no\n2,1,yes\n"), chart.Find("a[download]").GetAttribute("href"), StringComparison.Ordinal);

        chart.Find("button").Click();

        Assert.Equal(["0", "1", "2, may still grow"], chart.FindAll("tbody th").Select(t => t.TextContent));
    }

    [Fact]
    public void Rows_WithLinks_LeadToTheRowsBehindThemInChartAndTable()
    {
        var chart = Render<ChartFigure>(p => p.Add(c => c.Sentence, "Friends bring the most people.").Add(c => c.Kind, ChartKind.Rows).Add(c => c.PointName, "Source")
            .Add(c => c.Points, [new("=cmd()") { Href = "/admin/waitlist?source=x" }, new("direct")]).Add(c => c.Series, [new("Joined", [8, 2])]));

        chart.Find(".lying a").MarkupMatches("""<a href="/admin/waitlist?source=x">=cmd()</a>""");
        Assert.Equal(["8", "2"], chart.FindAll(".lying .value").Select(v => v.TextContent.Trim()));
        Assert.Contains("\n'=cmd(),8\n", Uri.UnescapeDataString(chart.Find("a[download]").GetAttribute("href")!), StringComparison.Ordinal);

        chart.Find("button").Click();

        Assert.Equal("/admin/waitlist?source=x", chart.Find("tbody th a").GetAttribute("href"));
    }

    [Fact]
    public void Lines_WithGapsAndYoungEnds_AreDrawnInParts()
    {
        var chart = Render<ChartFigure>(p => p.Add(c => c.Sentence, "Cohort 2 registers faster.").Add(c => c.PointName, "Day since invitation").Add(c => c.Write, v => $"{v:0} %")
            .Add(c => c.Points, [new("0"), new("1"), new("2"), new("3")])
            .Add(c => c.Series, [new("Cohort 1", [10, 20, 30, 40]) { Mark = "40 %" }, new("Cohort 2", [15, 30, null, null]) { ImmatureFrom = 1, Mark = "30 %" }]));

        Assert.Equal(3, chart.FindAll("polyline.line").Count);
        Assert.Single(chart.FindAll("polyline.so-far"));
        Assert.Contains("Cohort 2 30 %, may still grow", chart.FindAll(".hit")[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("Cohort 2 –", chart.FindAll(".hit")[3].TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("45", chart.Find(".legend").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void ManyPoints_AreDrawnTo180AndSaid()
    {
        var chart = Render<ChartFigure>(p => p.Add(c => c.Sentence, "It grows.").Add(c => c.Days, [.. Enumerable.Range(0, 200).Select(d => new DateOnly(2026, 1, 1).AddDays(d))])
            .Add(c => c.Series, [new("Joined", [.. Enumerable.Range(0, 200).Select(n => (double?)n)])]));

        Assert.Equal(180, chart.FindAll(".hit").Count);
        Assert.Contains("The last 180 of 200 are drawn.", chart.Markup, StringComparison.Ordinal);
        Assert.Contains("2026-01-01", chart.Find("a[download]").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public void NoPoints_SaysSo() => Assert.Contains("There is nothing to draw yet.",
        Render<ChartFigure>(p => p.Add(c => c.Sentence, "Nobody joined.").Add(c => c.Points, []).Add(c => c.Series, [new("Joined", [])])).Markup, StringComparison.Ordinal);

    [Fact]
    public void Definition_StandsUnderHowThisIsCounted()
    {
        var chart = Render<ChartFigure>(p => p.Add(c => c.Sentence, "It grows.").Add(c => c.Points, [new("a")]).Add(c => c.Series, [new("Joined", [1])]).Add(c => c.Definition, "Entries by the day they joined."));

        Assert.Equal("How this is counted", chart.Find("details.how summary").TextContent);
        Assert.Equal("Entries by the day they joined.", chart.Find("details.how p").TextContent);
    }

    [Theory]
    [InlineData(new[] { 0.0 }, 1, 2)]
    [InlineData(new[] { 3.0 }, 3, 4)]
    [InlineData(new[] { 5.0 }, 6, 3)]
    [InlineData(new[] { 0.43 }, 0.6, 3)]
    [InlineData(new[] { 1_000_000.0 }, 1_000_000, 3)]
    [InlineData(new[] { 2.5 }, 3, 3)]
    public void Axis_EndsWithARoundNumber(double[] values, double top, int ticks)
    {
        var data = new ChartData([.. values.Select(v => new ChartPoint("x"))], [new("Joined", [.. values.Select(v => (double?)v)])], false, Say.Number);

        Assert.Equal(top, data.Top, 6);
        Assert.Equal(ticks, data.Ticks.Count());
    }
}
