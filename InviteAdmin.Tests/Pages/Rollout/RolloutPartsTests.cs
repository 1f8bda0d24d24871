using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Rollout;
using InviteAdmin.Components.Shared;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Pages.Workspace;

namespace InviteAdmin.Tests.Pages.Rollout;

/// <summary>The parts of the rollout's page in each state of a plan.</summary>
public sealed class RolloutPartsTests : StaffContext
{
    private static readonly ConversionCondition Registered = new(0.35, 200, 3);
    private static readonly BounceCondition Bounces = new(0.05, 50);
    private static readonly Stage First = new("Small start", 25, 4, 3, "auto", [Registered, Bounces]);
    private static readonly Stage Last = new("<b>Everyone</b>", 100, null, 0, "auto", []);
    private static readonly PlanFacts Plan = new(1, "running", "Europe/Berlin", new(9, 0), PlanFacts.Week, 25, 500, null, null, 2) { Stages = [First, Last], MailPerMinute = 10 };
    private static readonly PlanStanding Standing = new(new(2027, 6, 8), "not-yet", "Today's batch goes out at 09:00.", 1, null,
        [GateCheck.Judge(Registered, new(0.4, 100)), GateCheck.Judge(Bounces, new(0.08, 50))], new(2027, 6, 8, 7, 0, 0, TimeSpan.Zero));
    private static readonly RolloutFacts Facts = new(Plan, Standing, "Today's batch of 25 people goes out at 09:00 Europe/Berlin.", new(500, 120, 30), [], false);

    [Fact]
    public void Ladder_Running_MarksTheStageInForceAndSaysWhatEachConditionMeasured()
    {
        SignInAs(Role.Owner);

        var ladder = Ladder(Facts);

        var now = ladder.Find("[aria-current=step]");
        Assert.Contains("Stage 1 · Small start", now.TextContent, StringComparison.Ordinal);
        Assert.Contains("1 of 4 sent", now.TextContent, StringComparison.Ordinal);
        Assert.Contains("10 a minute at most, so a batch leaves in 3 min", now.TextContent, StringComparison.Ordinal);
        Assert.Equal(["40 %", "8 %"], ladder.FindAll("td[data-name=Measured]").Select(c => c.TextContent));
        Assert.Equal(["at least 35 %", "at most 5 %"], ladder.FindAll("td[data-name=Needs]").Select(c => c.TextContent));
        Assert.Equal(["100 people, needs 200", "50 mails, needs 50"], ladder.FindAll("td[data-name=On]").Select(c => c.TextContent));
        Assert.Equal(["Not enough data", "Halts the rollout"], ladder.FindAll("td[data-name=Verdict] .state").Select(c => c.LastChild!.TextContent.Trim()));
        Assert.Equal(["Recall stage 1…", "Promote to stage 2…"], ladder.FindAll("button").Select(b => b.TextContent.Trim()));
        Assert.DoesNotContain(ladder.FindAll("b"), b => b.TextContent == "Everyone");
        // Four batches, three days of soak, the gate; the second batch is today's.
        Assert.Equal((8, 1), (ladder.FindAll(".strip i").Count, ladder.FindAll(".strip i.done").Count));
        Assert.Equal("Batch 2", ladder.Find(".strip i.at").GetAttribute("title"));
    }

    [Fact]
    public void Ladder_Soaking_CountsTheDaysDown()
    {
        SignInAs(Role.Owner);

        var ladder = Ladder(Facts with { Plan = Plan with { State = "soaking" }, Standing = Standing with { Outcome = "soaking", BatchesSent = 4, SoakDay = 2 } });

        Assert.Contains("day 2 of 3, 1 day left after today", ladder.Markup, StringComparison.Ordinal);
        Assert.Contains("Next batch at the earliest", ladder.Markup, StringComparison.Ordinal);
        Assert.Equal("Day 2 of soak", ladder.Find(".strip i.at").GetAttribute("title"));
    }

    [Fact]
    public void Ladder_Paused_MeasuresNothing()
    {
        SignInAs(Role.Owner);

        var ladder = Ladder(Facts with { Plan = Plan with { State = "paused" } });

        Assert.All(ladder.FindAll("td[data-name=Verdict] .state"), c => Assert.Equal("Not measured", c.LastChild!.TextContent.Trim()));
        Assert.All(ladder.FindAll("td[data-name=Measured]"), c => Assert.Equal("–", c.TextContent));
    }

    [Fact]
    public void Ladder_SecondStage_OffersTheWayBackAndAsksForIt()
    {
        SignInAs(Role.Growth);
        var asked = new List<PlanMove>();

        var ladder = Render<PlanLadder>(p => p.Add(c => c.Facts, Facts with { Plan = Plan with { Stage = 1 }, Standing = Standing with { Gate = [], Outcome = "sent" } }).Add(c => c.OnMove, asked.Add));
        for (var i = 0; i < 3; i++) ladder.FindAll("button")[i].Click();

        Assert.Equal([PlanMove.GoTo(1), PlanMove.Recall(1), PlanMove.Recall(2)], asked);
    }

    [Fact]
    public void Ladder_ForAViewer_NamesTheRoleThatMay()
    {
        SignInAs(Role.Viewer);

        Assert.All(Ladder(Facts).FindAll("button"), b => Assert.Equal("This needs the role Owner or Growth.", b.GetAttribute("title")));
    }

    [Fact]
    public void Gate_MeasuredOnSeveralDays_IsDrawnSinceTheStageBegan()
    {
        SignInAs(Role.Owner);
        var errors = new SignalCondition("error_rate", SignalUse.Max, 24, AtMost: 0.01);

        var ladder = Ladder(Facts with { Standing = Standing with { Gate = [.. Standing.Gate, GateCheck.Judge(errors, new(0.009, 24))] }, Courses = [[0.2, 0.3, 0.4], [0.08], [0.004, 0.009, 0.002]] });

        // A single value is no course.
        Assert.Equal(["from 20 %", "0.002 to 0.009"], ladder.FindAll(".course .quiet").Select(c => c.TextContent));
        Assert.Equal(3, ladder.Find(".course polyline").GetAttribute("points")!.Split(' ').Length);
        Assert.Empty(Ladder(Facts with { Plan = Plan with { State = "paused" }, Courses = [[0.2, 0.3], []] }).FindAll(".course"));
    }

    [Theory]
    [InlineData(500, 120, 30, "150 of 500 seats are used, by 120 members and 30 open invitations: 350 are free.")]
    [InlineData(1, 1, 0, "1 of 1 seat is used, by 1 member and 0 open invitations: none is free.")]
    [InlineData(null, 120, 1, "There is no limit of seats. 120 members and 1 open invitation would hold 121 of them.")]
    public void Seats_SayHowManyAreFree(int? seats, long members, long open, string sentence) =>
        Assert.Equal(sentence, Render<SeatLine>(p => p.Add(c => c.Seats, new(seats, members, open))).Find("p").TextContent);

    [Fact]
    public void History_ShowsWhoWhyAndTheFacts()
    {
        SignInAs(Role.Viewer);
        DecisionLine[] decisions = [new(8, DateTimeOffset.UnixEpoch, "approved", "Ann approved stage 1: Nobody complained.", null, 1, "Ann", ["It was Monday."]), new(7, DateTimeOffset.UnixEpoch, "released", "Cohort 7.", 7, 1, null, [])];

        var history = History(decisions, new(), older: true);

        Assert.Equal(["Ann", "The plan"], history.FindAll("td[data-name=Who]").Select(c => c.TextContent));
        Assert.Equal("/admin/cohorts/7", history.Find("td[data-name=Cohort] a").GetAttribute("href"));
        Assert.Equal("It was Monday.", history.Find("details li").TextContent);
        Assert.Equal("/admin/rollout.csv", history.Find("a[download]").GetAttribute("href"));
        Assert.Equal("/admin/rollout?before=7", history.Find("a[rel=next]").GetAttribute("href"));
        Assert.Contains("leaves a line here", History([], new()).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void History_Filtered_KeepsTheFilterInEveryLink()
    {
        SignInAs(Role.Viewer);

        var history = History([], new() { Show = DecisionKind.Gates, Stage = 2, Before = 9 });

        Assert.Equal("Soaks and gates", history.Find(".tabs [aria-current=page]").TextContent);
        Assert.Equal("/admin/rollout?show=people&stage=2", history.Find(".tabs li:last-child a").GetAttribute("href"));
        Assert.Equal("/admin/rollout.csv?show=gates&stage=2", history.Find("a[download]").GetAttribute("href"));
        Assert.Equal("2", history.Find("#history-stage").GetAttribute("value"));
        Assert.Contains("Nothing matches", history.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Forecast_WithARange_DrawsWhatWasAndWhatWillBe()
    {
        var monday = new DateOnly(2027, 6, 7);
        DayBand[] invited = [new(monday.AddDays(1), 20, 100, 100), new(monday.AddDays(2), 0, 80, 100)];
        var shown = new ForecastShown("The queue is empty on 9 June.", true, ["Nobody else joins."], [new(monday, 30, 100, 12)], [new(monday, 4)], invited, [new(monday.AddDays(2), 300, 340, 380)]);

        var part = Render<ForecastPart>(p => p.Add(c => c.Shown, shown).Add(c => c.Seats, 500));

        Assert.Equal("The queue is empty on 9 June.", part.Find("figcaption").TextContent);
        Assert.Equal(["Invited, then the middle of the forecast", "At least", "At most"], part.FindAll(".legend li").Select(l => l.TextContent.Trim()));
        Assert.Contains("On 9 June between 300 and 380 of 500 seats are taken (80 % sure).</p>", part.Markup, StringComparison.Ordinal);
        Assert.EndsWith("of 350 seats are taken (80 % sure). Seats hold the plan's batches back, not people who come with a member's or a campaign's code.", shown.SeatsSentence(350), StringComparison.Ordinal);
        part.Find("button:contains('View as table')").Click();
        Assert.Equal(["7 Jun (cohort 4 released)", "8 Jun (the forecast begins)", "9 Jun"], part.FindAll("tbody th").Select(h => h.TextContent));
        Assert.Equal(["100", "–", "–", "100", "20", "100", "80", "0", "100"], part.FindAll("tbody td").Select(c => c.TextContent));
    }

    [Fact]
    public void Decision_InAnOlderForm_ShowsWhatWasStored()
    {
        var decision = new DecisionFacts(new(2026, 11, 22), DateTimeOffset.UnixEpoch, "released", "Cohort 1.", 1, 5);

        Assert.Equal(["{\"batchSize\":5}"], DecisionLine.Of(new(1, decision with { Inputs = "{\"batchSize\":5}" })).Facts);
        Assert.Equal(["not json"], DecisionLine.Of(new(1, decision with { Inputs = "not json" })).Facts);
    }

    private IRenderedComponent<PlanLadder> Ladder(RolloutFacts facts) => Render<PlanLadder>(p => p.Add(c => c.Facts, facts).Add(c => c.OnMove, _ => { }));

    private IRenderedComponent<PlanHistory> History(DecisionLine[] decisions, RolloutView view, bool older = false) => Render<PlanHistory>(p => p
        .Add(c => c.Facts, Facts with { Decisions = decisions, OlderDecisions = older }).Add(c => c.View, view).Add(c => c.Href, v => UrlState<RolloutView>.Href("/admin/rollout", v)));
}
