using InviteAdmin.Rollout;

namespace InviteAdmin.Tests.Rollout;

public sealed class BatchSentenceTests
{
    // A Sunday, 07:30 in Berlin.
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 6, 30, 0, TimeSpan.Zero);
    private static readonly PlanFacts Plan = new(1, "running", "Europe/Berlin", new(9, 0), PlanFacts.Week, 100, null, null, null, 1);

    [Theory]
    [InlineData("running", "Today's batch of 100 people goes out at 09:00 Europe/Berlin.")]
    [InlineData("draft", "The daily batch is not running yet. The plan would invite 100 people a day at 09:00 Europe/Berlin.")]
    [InlineData("paused", "The rollout is paused. Nothing goes out until it is resumed.")]
    public void BeforeTheHour_SaysWhatThePlanWillDo(string state, string sentence) => Assert.Equal(sentence, BatchSentence.Of(Plan with { State = state }, null, Now));

    [Fact]
    public void Released_SaysHowManyInWhichCohort() =>
        Assert.Equal("Today's batch went out: 1 person invited in cohort 7.", BatchSentence.Of(Plan, new(new(2026, 11, 22), Now, "released", "", 7, 1), Now));

    [Fact]
    public void DayNotInThePlan_SaysSo() =>
        Assert.StartsWith("No batch today.", BatchSentence.Of(Plan with { Days = ["mon"] }, null, Now), StringComparison.Ordinal);

    [Fact]
    public void NothingSent_SaysWhy() =>
        Assert.Equal("No batch today: All 500 seats are taken.", BatchSentence.Of(Plan, new(new(2026, 11, 22), Now, "no-capacity", "All 500 seats are taken.", null, null), Now));
}
