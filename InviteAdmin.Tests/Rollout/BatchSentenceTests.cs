using InviteAdmin.Rollout;

namespace InviteAdmin.Tests.Rollout;

public sealed class BatchSentenceTests
{
    // A Sunday, 07:30 in Berlin.
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 6, 30, 0, TimeSpan.Zero);
    private static readonly PlanFacts Plan = new(1, "running", "Europe/Berlin", new(9, 0), PlanFacts.Week, 100, null, null, null, 1);

    [Theory]
    [InlineData("running", "Today's batch of 100 people goes out at 09:00 Europe/Berlin.")]
    [InlineData("draft", "The plan is not running yet. It would invite 100 people a day at 09:00 Europe/Berlin.")]
    [InlineData("paused", "The rollout is paused. Nothing goes out until it is resumed.")]
    public void BeforeTheHour_SaysWhatThePlanWillDo(string state, string sentence) => Assert.Equal(sentence, BatchSentence.Of(Plan with { State = state }, [], Now));

    [Fact]
    public void Released_SaysHowManyInWhichCohort() =>
        Assert.Equal("Today's batch went out: 1 person invited in cohort 7.", BatchSentence.Of(Plan, [new(new(2026, 11, 22), Now, "released", "", 7, 1)], Now));

    [Fact]
    public void DayNotInThePlan_SaysSo() =>
        Assert.StartsWith("No batch today.", BatchSentence.Of(Plan with { Days = ["mon"] }, [], Now), StringComparison.Ordinal);

    [Fact]
    public void NothingSent_SaysWhy() =>
        Assert.Equal("No batch today: All 500 seats are taken.", BatchSentence.Of(Plan, [new(new(2026, 11, 22), Now, "no-capacity", "All 500 seats are taken.", null, null)], Now));

    [Fact]
    public void AfterTodaysBatch_SomebodyEditsThePlan_TheBatchHasStillGoneOut() =>
        Assert.Equal("Today's batch went out: 100 people invited in cohort 7.", BatchSentence.Of(Plan, [Decided("edited", "Ann saved version 2 of the plan.", by: "Ann"), Decided("released", "Cohort 7.", 7, 100)], Now));

    [Fact]
    public void Soaking_SaysTheDayOnceItIsDecided()
    {
        var soaking = Plan with { State = "soaking", Stage = 1 };

        Assert.Equal("Stage 2 soaks: day 1 of 3.", BatchSentence.Of(soaking, [Decided("resumed", "Ann let the plan go on.", by: "Ann"), Decided("soaking", "Stage 2 soaks: day 1 of 3.")], Now));
        Assert.Equal("Stage 2 soaks: no batch today.", BatchSentence.Of(soaking, [Decided("soaking", "Stage 2 soaks: day 1 of 3.") with { LocalDate = new(2026, 11, 21) }], Now));
    }

    [Theory]
    [InlineData("gate", "Stage 1 held: 20 % of 100 registered. No batch goes out until the gate passes.")]
    [InlineData("person", "Stage 1 held: 20 % of 100 registered. Nothing goes out until somebody lets it go on.")]
    [InlineData("approval", "Stage 1 held: 20 % of 100 registered.")]
    public void Held_SaysWhyAndWhatItWaitsFor(string waitsFor, string sentence) =>
        Assert.Equal(sentence, BatchSentence.Of(Plan with { State = "holding", WaitsFor = waitsFor, HeldReason = "Stage 1 held: 20 % of 100 registered." }, [], Now));

    [Fact]
    public void Completed_SaysThatNothingFollows() => Assert.Equal("The rollout is complete. There is no daily batch any more.", BatchSentence.Of(Plan with { State = "completed" }, [], Now));

    private static DecisionFacts Decided(string outcome, string reason, int? cohort = null, int? invited = null, string? by = null) => new(new(2026, 11, 22), Now, outcome, reason, cohort, invited, By: by);
}
