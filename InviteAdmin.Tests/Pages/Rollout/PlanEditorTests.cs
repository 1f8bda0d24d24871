using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Rollout;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Pages.Workspace;

namespace InviteAdmin.Tests.Pages.Rollout;

/// <summary>The plan as a form: what is typed, what is wrong with it, and that it comes out as it went in.</summary>
public sealed class PlanEditorTests : StaffContext
{
    private static readonly PlanFacts Plan = new(1, "draft", "Europe/Berlin", new(9, 0), PlanFacts.Week, 100, 500, null, null, 1);

    private static readonly ConditionRequest[] Every =
    [
        new("conversion", 0.355, MinimumSample: 50, AfterDays: 3), new("retention", 0.2, MinimumSample: 20, Day: 7), new("signal", AtMost: 0.01, Name: "error_rate", Use: "max", Hours: 0.5),
        new("signal", 12.5, Name: "speed", Use: "mean", Hours: 48), new("bounces", AtMost: 0.05, MinimumSample: 50), new("complaints", AtMost: 0.001, MinimumSample: 50), new("capacity", 100),
    ];

    [Fact]
    public void Draft_OfEveryKindOfCondition_ComesOutAsItWentIn()
    {
        var plan = Plan.AsRequest() with { MailPerMinute = 60, Stages = [new("First", 25, 4, 3, "manual", Every), new("Then", 100, null, 0, "auto", [])] };

        var again = PlanDraft.Of(plan).Request(plan.Version);

        Assert.Null(PlanCheck.Of(again));
        Assert.Equal(Every, again.Stages![0].Gate!);
        Assert.Equal(plan.Stages!.Select(s => s with { Gate = null }), again.Stages.Select(s => s with { Gate = null }));
        Assert.Equal((plan.Zone, plan.SendAt, plan.Capacity, plan.MailPerMinute, plan.Version), (again.Zone, again.SendAt, again.Capacity, again.MailPerMinute, again.Version));
        Assert.Equal(["35.5", "20"], PlanDraft.Of(plan).Stages[0].Gate.Take(2).Select(c => c.Percent));
    }

    [Fact]
    public void Templates_AreGoodPlansThatSayWhatTheyDo()
    {
        var templates = Render<PlanTemplates>(p => p.Add(c => c.Plan, Plan));

        Assert.All(PlanTemplate.All, t => Assert.Null(PlanCheck.Of(t.Over(Plan))));
        Assert.Equal(PlanTemplate.All.Sum(t => t.Stages.Count), templates.FindAll("li").Count);
        Assert.StartsWith("25 people every day at 09:00 Berlin time for 4 days; then wait 3 days; go on if at least 35 % registered after 3 days (of 50 or more)", templates.Find("li").TextContent, StringComparison.Ordinal);
        Assert.Equal(PlanTemplate.All.Select(t => $"/admin/rollout/edit?template={t.Key}"), templates.FindAll("a").Select(a => a.GetAttribute("href")));
    }

    [Theory]
    [InlineData("", "People a day must be between 1 and 100,000.")]
    [InlineData("12.5", "People a day must be between 1 and 100,000.")]
    [InlineData("-1", "People a day must be between 1 and 100,000.")]
    [InlineData("100001", "People a day must be between 1 and 100,000.")]
    public void Stage_SizeThatIsNone_IsSaidBesideItsField(string typed, string sentence)
    {
        SignInAs(Role.Owner);
        var draft = PlanDraft.Of(PlanTemplate.All[0].Over(Plan));

        var stage = Stage(draft, d => d.BatchSize = typed);

        Assert.Equal(sentence, stage.Find("#s0-batchSize-wrong").LastChild!.TextContent);
        Assert.Equal(("true", "s0-batchSize-wrong", typed), (stage.Find("#s0-batchSize").GetAttribute("aria-invalid"), stage.Find("#s0-batchSize").GetAttribute("aria-describedby"), stage.Find("#s0-batchSize").GetAttribute("value")));
        // What only follows from it is not a second mistake.
        Assert.Single(stage.FindAll(".wrong"));
    }

    [Fact]
    public void Condition_PercentageOutOfRange_IsSaidAsAPercentage()
    {
        SignInAs(Role.Owner);
        var draft = PlanDraft.Of(PlanTemplate.All[0].Over(Plan));

        var stage = Stage(draft, d => d.Gate[0].Percent = "350");

        Assert.Equal("A percentage from 0 to 100.", stage.Find("#s0-g0-bound-wrong").LastChild!.TextContent);
        Assert.Equal([("s0-g0-bound", "Stage 1, condition 1: A percentage from 0 to 100.")], new PlanWrongs(PlanCheck.Of(draft.Request(null)), draft).All);
    }

    [Fact]
    public void Condition_OfEachMetric_HasEachFieldThatIsChecked()
    {
        SignInAs(Role.Owner);
        foreach (var (metric, _) in ConditionDraft.Metrics)
        {
            var draft = PlanDraft.Of(Plan.AsRequest() with { Stages = [new("First", 25, 4, 3, "auto", [new(metric)])] });
            var condition = draft.Stages[0].Gate[0];
            (condition.Percent, condition.Sample, condition.Days, condition.Name, condition.Hours, condition.Value, condition.Seats) = ("", "", "", "", "", "", "");

            var stage = Stage(draft, _ => { });

            Assert.All(new PlanWrongs(PlanCheck.Of(draft.Request(null)), draft).All, w => Assert.NotNull(stage.Find($"#{w.Id}")));
            Assert.NotEmpty(stage.FindAll(".wrong"));
        }
    }

    [Fact]
    public void Stage_ConditionsAddedAndRemoved_ChangeTheDraft()
    {
        SignInAs(Role.Owner);
        var draft = PlanDraft.Of(PlanTemplate.All[0].Over(Plan));
        var stage = Stage(draft, _ => { });

        stage.Find("button:contains('Add a condition')").Click();
        Assert.Equal(3, draft.Stages[0].Gate.Count);
        stage.Find("[aria-label='Remove condition 1 of stage 1']").Click();
        Assert.Equal("bounces", draft.Stages[0].Gate[0].Metric);
        stage.Find("#s0-until").Change("nobody");
        stage.Find("label.check input").Change(true);

        Assert.Equal((null, "manual"), (draft.Request(null).Stages![0].Batches, draft.Request(null).Stages![0].Approval));
    }

    private IRenderedComponent<StageEditor> Stage(PlanDraft draft, Action<StageDraft> typed)
    {
        typed(draft.Stages[0]);
        return Render<StageEditor>(p => p.Add(c => c.Draft, draft.Stages[0]).Add(c => c.Wrongs, new PlanWrongs(PlanCheck.Of(draft.Request(null)), draft)).Add(c => c.Index, 0).Add(c => c.Count, draft.Stages.Count)
            .Add(c => c.OnChange, () => { }).Add(c => c.OnMove, _ => { }).Add(c => c.OnRemove, () => { }));
    }
}
