using InviteAdmin.Rollout;

namespace InviteAdmin.Tests.Rollout;

/// <summary>What a forecast says, in words and by the rules of the plan.</summary>
public sealed class ForecastModelTests
{
    // Monday. Nobody joins any more and nobody's invitation lapses in sight, so that the days can be counted by hand.
    private static readonly ForecastFacts Still = new()
    {
        Today = new(2027, 6, 7), Now = new(8, 0), SendAt = new(9, 0), Days = PlanFacts.Week, State = "running", Stages = [Everyone(100)], Waiting = 1_000, LifetimeDays = 300,
        Joins = Days(56, 0), Conversion = [.. Enumerable.Repeat(new AgeCount(1_000_000, 0), 300)],
    };

    [Fact]
    public void Of_NobodyJoins_CountsTheDays()
    {
        var forecast = ForecastModel.Of(Still);
        Assert.Equal(new DayRange(new(2027, 6, 16), new(2027, 6, 16), new(2027, 6, 16)), forecast.Empty);
        Assert.Equal("The queue is empty on 16 June (80 % sure).", forecast.Sentence);
        Assert.Equal((new DateOnly(2027, 6, 7), new DateOnly(2027, 6, 8), new DateOnly(2027, 6, 16)), (forecast.ForRank(100)!.Middle, forecast.ForRank(101)!.Middle, forecast.ForRank(1_000)!.Middle));
        Assert.Equal((100, 100, new DateOnly(2027, 6, 7)), (forecast.InvitedByDay[0].Low, forecast.InvitedByDay[0].High, forecast.InvitedByDay[0].Day));
        Assert.Equal(1_000, forecast.SeatsByDay[9].Middle);
    }

    [Fact]
    public void Of_TodaysBatchIsSentOrDaysAreOff_BeginsOnTheNextDay()
    {
        Assert.Equal(new(2027, 6, 8), ForecastModel.Of(Still with { SentToday = true, Now = new(10, 0) }).ForRank(1)!.From);
        Assert.Equal(new(2027, 6, 7), ForecastModel.Of(Still with { Now = new(10, 0) }).ForRank(1)!.From);
        Assert.Equal(new(2027, 6, 10), ForecastModel.Of(Still with { Days = ["thu"] }).ForRank(100)!.To);
    }

    [Fact]
    public void Of_Soak_SendsNothingOnItsWholeDays()
    {
        var soaks = Still with { Stages = [new("Few", 100, 2, 3, "manual", []), Everyone(100)] };
        var forecast = ForecastModel.Of(soaks);
        Assert.Equal((new DateOnly(2027, 6, 8), new DateOnly(2027, 6, 12)), (forecast.ForRank(200)!.To, forecast.ForRank(201)!.From));
        Assert.Contains("Stages are approved without delay.", forecast.Assumptions);
    }

    [Fact]
    public void Of_GateOfConversion_HoldsOrPassesByWhatIsKnown()
    {
        ForecastFacts Facts(double atLeast) => Still with
        {
            Stages = [new("Few", 100, 1, 0, "auto", [new ConversionCondition(atLeast, 20, 3)]), Everyone(100)], LifetimeDays = 7,
            Conversion = [new(10_000, 5_000), .. Enumerable.Repeat(new AgeCount(5_000, 0), 6)],
        };
        Assert.Equal("It cannot be said yet when the queue is empty: a gate holds by what is known now.", ForecastModel.Of(Facts(0.9)).Sentence);
        Assert.Equal(new(2027, 6, 10), ForecastModel.Of(Facts(0.2)).ForRank(101)!.From);
    }

    [Fact]
    public void Of_MoreJoinThanAreInvited_SaysThatItNeverEmpties()
    {
        var forecast = ForecastModel.Of(Still with { Joins = Days(56, 120) });
        Assert.Null(forecast.Empty);
        Assert.Equal("The queue does not empty within two years: about 120 people join a day, and at most 100 are invited.", forecast.Sentence);
        Assert.NotNull(forecast.ForRank(500));
    }

    [Fact]
    public void Of_SeatsOrStagesRunOut_SaysWhich()
    {
        Assert.Equal("The 500 seats run out before the queue is empty.", ForecastModel.Of(Still with { Capacity = 500, Conversion = [new(1_000_000, 1_000_000)] }).Sentence);
        Assert.Equal("The last stage ends before the queue is empty.", ForecastModel.Of(Still with { Stages = [new("Few", 100, 3, 0, "auto", [])] }).Sentence);
    }

    [Theory]
    [InlineData("draft", null, 1_000, 9, "The plan is a draft; it cannot be said when the queue is empty before it runs.")]
    [InlineData("paused", null, 1_000, 9, "Paused by Ann; it cannot be said when the queue is empty before the rollout goes on.")]
    [InlineData("completed", null, 1_000, 9, "All stages are done; 1,000 people are still waiting and no batch follows.")]
    [InlineData("holding", "person", 1_000, 9, "Stage 1 was halted and waits for somebody; it cannot be said yet when the queue is empty.")]
    [InlineData("holding", "approval", 1_000, 9, "Stage 1 waits for approval; it cannot be said yet when the queue is empty.")]
    [InlineData("running", null, 0, 9, "Nobody is waiting.")]
    [InlineData("running", null, 1_000, 0, "It cannot be said yet when the queue is empty: that takes 3 whole days of joins, and there are 0.")]
    public void Of_WhatCannotBeSaid_SaysWhy(string state, string? waitsFor, long waiting, int days, string sentence)
    {
        var forecast = ForecastModel.Of(Still with { State = state, WaitsFor = waitsFor, Waiting = waiting, PausedBy = "Ann", Joins = Days(days, 5) });
        Assert.Equal((sentence, null, null), (forecast.Sentence, forecast.Empty, forecast.ForRank(1)));
        Assert.Empty(forecast.InvitedByDay);
    }

    [Fact]
    public void Of_SameFacts_SameForecast_AndALowerRankIsNeverEarlier()
    {
        var facts = Still with { Joins = [.. Enumerable.Range(0, 30).Select(d => (long)(d * 37 % 90))], Overtaking = Overtaking.Of([(10, 300), (0, 700)], [(10, null, 40), (0, 10, 20), (0, null, 40)], 5) };
        var (one, other) = (ForecastModel.Of(facts), ForecastModel.Of(facts));
        Assert.Equal((one.Sentence, one.ForRank(900)), (other.Sentence, other.ForRank(900)));
        var ranges = Enumerable.Range(1, 1_000).Select(r => one.ForRank(r)!).ToList();
        Assert.All(ranges.Zip(ranges.Skip(1)), p => Assert.True(p.First.From <= p.Second.From && p.First.Middle <= p.Second.Middle && p.First.To <= p.Second.To));
    }

    [Fact]
    public void Overtaking_CountsWhoEntersAheadAndWhomFriendsLiftPast() =>
        Assert.Equal([new OvertakingLevel(300, 0), new OvertakingLevel(500, 40), new OvertakingLevel(1_000, 70)],
            Overtaking.Of([(10, 300), (5, 200), (0, 500)], [(10, null, 40), (0, 5, 20), (5, null, 10), (0, null, 30)], 5).Levels);

    [Fact]
    public void Dates_NameTheYearWhenItIsAnother()
    {
        static string Say(DateOnly from, DateOnly to) => ForecastSentence.Dates(new(from, from, to), new(2027, 6, 7));
        Assert.Equal("between 3 and 9 December", Say(new(2027, 12, 3), new(2027, 12, 9)));
        Assert.Equal("between 28 November and 3 December", Say(new(2027, 11, 28), new(2027, 12, 3)));
        Assert.Equal("between 28 December 2027 and 3 January 2028", Say(new(2027, 12, 28), new(2028, 1, 3)));
        Assert.Equal("on 3 January 2028", Say(new(2028, 1, 3), new(2028, 1, 3)));
    }

    private static Stage Everyone(int size) => new("Everyone", size, null, 0, "auto", []);

    private static long[] Days(int days, long people) => [.. Enumerable.Repeat(people, days)];
}
