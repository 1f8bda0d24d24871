using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Live;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.Shared;

public sealed class SmallPartTests : AppComponents, IClassFixture<RunningApp>
{
    public SmallPartTests(RunningApp app)
        : base(app) => SignIn(Role.Owner);

    [Theory]
    [InlineData(936, 1200, "78 %", "936 of 1,200")]
    [InlineData(7, 19, "too few", "7 of 19")]
    [InlineData(0, 0, "too few", "0 of 0")]
    public void Percent_ComesWithItsFraction(long part, long whole, string percent, string fraction)
    {
        var shown = Render<Percent>(p => p.Add(c => c.Part, part).Add(c => c.Whole, whole).Add(c => c.Href, "/admin/waitlist"));

        Assert.Equal(percent, shown.Find("a").TextContent);
        Assert.Equal(fraction, shown.Find(".quiet").TextContent);
    }

    [Fact]
    public void LiveDot_Paused_SaysSoAndFollowsAgain()
    {
        var dot = Render<LiveDot>();
        Assert.Equal("live", dot.Find(".live").GetAttribute("data-state"));

        dot.Find("button").Click();
        Assert.Equal("Paused", dot.Find(".word").TextContent);
        Assert.True(Services.GetRequiredService<LiveSession>().Paused);

        dot.Find("button").Click();
        Assert.Equal("Live", dot.Find(".word").TextContent);
    }

    [Fact]
    public void LiveDot_GivesASignOfLife()
    {
        var dot = Render<LiveDot>();
        var before = dot.Find(".live").GetAttribute("data-beat");

        dot.WaitForAssertion(() => Assert.NotEqual(before, dot.Find(".live").GetAttribute("data-beat")), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task FaultBoundary_EachFault_HasANumberOfItsOwnAndAWayBack()
    {
        FaultBoundary? boundary = null;
        var page = Render<FaultBoundary>(p => p.AddChildContent<Faulty>().Add(b => b.ErrorContent, (RenderFragment<Exception>)(_ => builder => builder.AddContent(0, boundary?.FaultId))));
        boundary = page.Instance;
        page.Render(_ => { });
        var first = boundary.FaultId;
        Assert.Equal(12, first.Length);
        Assert.Equal(first, page.Markup);

        await page.InvokeAsync(boundary.Recover);

        Assert.NotEqual(first, boundary.FaultId);
    }

    [Fact]
    public void Failed_OffersToTryAgainAndTheNumberToCopy()
    {
        var tried = 0;
        var failed = Render<Failed>(p => p.Add(c => c.RequestId, "0123456789ab").Add(c => c.OnRetry, () => tried++));

        failed.Find("button").Click();

        Assert.Equal(1, tried);
        Assert.Equal("0123456789ab", failed.Find("[data-copy]").GetAttribute("data-copy"));
    }

    [Fact]
    public void CopyButton_SaysWhatItCopies()
    {
        var copy = Render<CopyButton>(p => p.Add(c => c.Text, "ABCD-EFGH-JKMN").Add(c => c.What, "code").Add(c => c.Shown, true));

        Assert.Equal("Copy code", copy.Find("button").GetAttribute("aria-label"));
        Assert.Equal("ABCD-EFGH-JKMN", copy.Find("code").TextContent);
    }

    [Fact]
    public void TimeText_NoMoment_SaysSo() => Assert.Equal("not yet", Render<TimeText>(p => p.Add(c => c.At, null).Add(c => c.None, "not yet")).Find(".quiet").TextContent);

    [Fact]
    public void TimeText_AMoment_IsShortWithTheExactOneBesideIt()
    {
        var time = Render<TimeText>(p => p.Add(c => c.At, new DateTimeOffset(2024, 2, 29, 12, 0, 0, TimeSpan.Zero))).Find("time");

        Assert.StartsWith("29 Feb 2024", time.TextContent, StringComparison.Ordinal);
        Assert.StartsWith("Thu 29 Feb 2024, ", time.GetAttribute("title"), StringComparison.Ordinal);
        Assert.Equal("0", time.GetAttribute("tabindex"));
    }

    [Fact]
    public void Blank_SaysWhatItIsAndTheOneThingToDo()
    {
        var blank = Render<Blank>(p => p.Add(c => c.Title, "No mail yet").AddChildContent("""<a href="/admin">Do</a>"""));

        Assert.Equal("No mail yet", blank.Find("h2").TextContent);
        Assert.Single(blank.FindAll("a"));
    }

    [Fact]
    public void Skeleton_SaysThatItLoads() => Assert.Equal("Loading", Render<Skeleton>().Find("[role=status]").GetAttribute("aria-label"));

    [Fact]
    public void PageHead_CrumbAndActions_StandWithTheTitle()
    {
        var head = Render<PageHead>(p => p.Add(c => c.Title, "Cohort 3").Add(c => c.Crumb, "Cohorts").Add(c => c.CrumbHref, "/admin/cohorts").Add(c => c.Actions, (RenderFragment)(b => b.AddContent(0, "Recall"))));

        Assert.Equal("Cohort 3", head.Find("h1").TextContent);
        Assert.Equal("/admin/cohorts", head.Find(".crumb a").GetAttribute("href"));
        Assert.Equal("Recall", head.Find(".acts").TextContent);
    }

    [Fact]
    public void DatabaseAway_AskedNow_AsksAgain()
    {
        var asked = 0;
        var away = Render<DatabaseAway>(p => p.Add(c => c.OnRetry, () => asked++));

        away.Find("button").Click();

        Assert.Equal(1, asked);
    }

    [Fact]
    public void Icon_IsNotRead() => Assert.Equal("true", Render<Icon>(p => p.Add(c => c.Name, "send")).Find("i").GetAttribute("aria-hidden"));

    [Fact]
    public void ChartParts_DrawNothingForNobodyToRead()
    {
        var data = new ChartData([new("a") { Href = "/x" }, new("b")], [new("Joined", [1, null])], false, Say.Number);

        Assert.Equal("true", Render<ChartLines>(p => p.Add(c => c.Data, data)).Find(".plot").GetAttribute("aria-hidden"));
        Assert.Equal("true", Render<ChartBars>(p => p.Add(c => c.Data, data)).Find(".plot").GetAttribute("aria-hidden"));
        Assert.Equal("-1", Render<ChartHit>(p => p.Add(c => c.Data, data).Add(c => c.Point, 0)).Find("a").GetAttribute("tabindex"));
        Assert.Equal(["0", "1"], Render<ChartAxis>(p => p.Add(c => c.Data, data)).FindAll(".y").Select(y => y.TextContent));
        Assert.Equal(["1", "–"], Render<ChartRows>(p => p.Add(c => c.Data, data)).FindAll(".value").Select(v => v.TextContent));
    }

    private sealed class Faulty : ComponentBase
    {
        protected override void OnInitialized() => throw new InvalidOperationException("A fault that was asked for.");
    }
}
