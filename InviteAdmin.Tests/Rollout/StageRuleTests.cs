using System.Text.Json;
using InviteAdmin.Rollout;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Rollout;

/// <summary>The rule of a staged rollout on facts alone: gates with their sentences, soak days, halts, approval, and random launches that never break a promise.</summary>
public sealed class StageRuleTests(ITestOutputHelper output)
{
    private static readonly string[] Weekdays = ["mon", "tue", "wed", "thu", "fri"];
    private static readonly Stage Careful = new("Careful", 100, 2, 3, "auto", [new ConversionCondition(0.35, 50, 3), new SignalCondition("error_rate", SignalUse.Mean, 24, AtMost: 0.01)]);
    private static readonly Stage Open = new("Open", 500, null, 0, "auto", []);
    private static readonly Measured Quiet = new(0.002, 24);

    [Theory]
    [InlineData(0.35, 50, Verdict.Pass, "35 % of 50 registered after 3 days")]
    [InlineData(0.31, 88, Verdict.Hold, "31 % of 88 registered after 3 days, needs 35 % of at least 50")]
    [InlineData(0.9, 49, Verdict.NotEnoughData, "90 % of 49 registered after 3 days, needs 35 % of at least 50")]
    [InlineData(null, 0, Verdict.NotEnoughData, "none yet registered after 3 days, needs 35 % of at least 50")]
    public void Conversion_AtItsThresholdAndSample_IsJudgedAndSaid(double? value, long sample, Verdict verdict, string words)
    {
        var result = GateCheck.Judge(Careful.Gate[0], new(value, sample));
        Assert.Equal((verdict, words), (result.Verdict, result.Words));
    }

    [Theory]
    [InlineData(0.01, Verdict.Pass)]
    [InlineData(0.0101, Verdict.Hold)]
    [InlineData(double.NaN, Verdict.NotEnoughData)]
    [InlineData(double.PositiveInfinity, Verdict.Hold)]
    [InlineData(1e308, Verdict.Hold)]
    public void Signal_OfAnySize_IsJudged(double value, Verdict verdict) => Assert.Equal(verdict, GateCheck.Judge(Careful.Gate[1], new(value, 1)).Verdict);

    [Fact]
    public void Signal_ThatDidNotCome_IsMissing() => Assert.Equal((Verdict.NotEnoughData, "no error_rate came in the last 24 hours"),
        (GateCheck.Judge(Careful.Gate[1], new(null, 0)).Verdict, GateCheck.Judge(Careful.Gate[1], new(null, 0)).Words));

    [Fact]
    public void Soak_OfThreeDays_CountsWholeDaysAndThenAsksTheGate()
    {
        var monday = new DateOnly(2026, 11, 23);
        string Said(int day, double conversion) => StageRule.Decide(Facts() with { BatchesSent = 2, LastBatch = monday, Today = monday.AddDays(day), Measured = [new(conversion, 88), Quiet] }) is var d ? $"{d.Outcome}: {d.Reason}" : "";

        Assert.Equal("soaking: Stage 1 has sent its last batch; 3 days of soak begin tomorrow.", Said(0, 0.5));
        Assert.Equal("soaking: Stage 1 soaks: day 1 of 3.", Said(1, 0.5));
        Assert.Equal("soaking: Stage 1 soaks: day 3 of 3.", Said(3, 0.5));
        Assert.Equal("held: Stage 1 held: 31 % of 88 registered after 3 days, needs 35 % of at least 50.", Said(4, 0.31));
        Assert.Equal("advanced: Stage 1 has passed its gate: 50 % of 88 registered after 3 days; error_rate is 0.002 (the mean of 24 hours). Stage 2 begins.", Said(4, 0.5));
    }

    [Fact]
    public void Stop_BreachedBetweenBatches_HaltsUntilAPersonLetsItGoOn()
    {
        var halted = StageRule.Decide(Facts() with { BatchesSent = 1, LastBatch = new(2026, 11, 23), SentToday = true, Measured = [new(0.5, 88), new(0.02, 24)] });
        Assert.Equal(("held", "holding", "person", "Stage 1 halted: error_rate is 0.02 (the mean of 24 hours), needs at most 0.01."), (halted.Outcome, halted.State, halted.WaitsFor, halted.Reason));
        // It is quiet again, and yet nobody has looked.
        Assert.Equal((0, "holding"), StageRule.Decide(Facts() with { State = "holding", NeedsPerson = true }) is var still ? (still.Invite, still.State) : default);
    }

    [Fact]
    public void Approval_ByAPerson_IsWaitedForAfterTheGate()
    {
        var facts = Facts() with { Stages = [Careful with { Approval = "manual" }, Open], BatchesSent = 2, LastBatch = new(2026, 11, 2) };
        Assert.Equal(("held", "Stage 1 has passed its gate and waits for approval."), StageRule.Decide(facts) is var waits ? (waits.Outcome, waits.Reason) : default);
        Assert.Equal(("advanced", 1), StageRule.Decide(facts with { Approved = true }) is var goes ? (goes.Outcome, goes.Stage) : default);
    }

    [Fact]
    public void Sentence_OfAPlan_ReadsAsAPersonWouldSayIt() => Assert.Equal(
        [
            "100 people every weekday at 09:00 Berlin time for 2 days; then wait 3 days; go on if at least 35 % registered after 3 days (of 50 or more) and error_rate stays at 0.01 or less; else hold and tell us.",
            "500 people every weekday at 09:00 Berlin time until nobody waits.",
        ],
        PlanSentence.Of([Careful, Open], Weekdays, new(9, 0), "Europe/Berlin"));

    [Fact]
    public void Decide_RandomLaunches_NeverBreakAPromiseAndAreRepeatable()
    {
        const int Launches = 1_000;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("INVITEADMIN_FUZZ_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"n = {Launches} launches, seed {seed}");
        var random = new Random(seed);
        var sent = 0;
        for (var launch = 0; launch < Launches; launch++) sent += Launch(random, $"seed {seed}, launch {launch}");
        Assert.True(sent > Launches, "The launches sent next to nothing: they prove nothing.");
    }

    /// <summary>Ninety days of one plan with joins, registrations and lapses, asked at random times of the day, often more than once. Returns how many batches went out.</summary>
    private static int Launch(Random random, string name)
    {
        Stage[] stages = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => new Stage($"S{i}", random.Next(1, 200), random.Next(3) == 0 ? null : random.Next(1, 6), random.Next(0, 4), "auto",
            random.Next(2) == 0 ? [] : [new ConversionCondition(random.NextDouble(), random.Next(1, 50), 2)]))];
        string[] days = [.. Weekdays.Where(_ => random.Next(4) > 0).DefaultIfEmpty("wed")];
        long? capacity = random.Next(2) == 0 ? null : random.Next(10, 2_000);
        var facts = Facts() with { Stages = stages, Days = days, State = "running", Waiting = random.Next(0, 2_000), Measured = [] };
        var (held, batches, lastSent, soakOver) = (0L, 0, DateOnly.MinValue, DateOnly.MinValue);
        for (var day = 0; day < 90 && facts.State != "completed"; day++)
        {
            facts = facts with { Today = facts.Today.AddDays(1), SentToday = false, Waiting = facts.Waiting + random.Next(0, 100) };
            for (var asked = random.Next(1, 5); asked > 0; asked--)
            {
                facts = facts with { Now = new TimeOnly(random.Next(24), random.Next(60)), FreeSeats = capacity - held, Measured = [.. stages[facts.Stage].Gate.Select(_ => new Measured(random.NextDouble(), random.Next(100)))] };
                var decision = StageRule.Decide(facts);
                var stored = JsonSerializer.Deserialize<StageFacts>(JsonSerializer.Serialize(facts, PlanJson.Options), PlanJson.Options)!;
                Assert.True(decision == StageRule.Decide(stored), $"{name}: the stored facts decide otherwise");
                if (decision.Invite > 0)
                {
                    Assert.True(lastSent < facts.Today && facts.Today > soakOver && facts.Now >= facts.SendAt && days.Contains(facts.Today.DayOfWeek.ToString()[..3].ToLowerInvariant()), $"{name}: a batch at the wrong time");
                    Assert.True(decision.Invite <= stages[facts.Stage].BatchSize && decision.Invite <= facts.Waiting && (capacity is null || held + decision.Invite <= capacity), $"{name}: a batch too large");
                    (lastSent, held, batches) = (facts.Today, held + decision.Invite, batches + 1);
                    facts = facts with { SentToday = true, LastBatch = facts.Today, BatchesSent = facts.BatchesSent + 1, Waiting = facts.Waiting - decision.Invite };
                    if (facts.BatchesSent == stages[facts.Stage].Batches) soakOver = facts.Today.AddDays(stages[facts.Stage].SoakDays);
                    Assert.True(stages[facts.Stage].Batches is not { } most || facts.BatchesSent <= most, $"{name}: a batch too many");
                }

                if (decision.Stage != facts.Stage) facts = facts with { BatchesSent = 0, LastBatch = null };
                facts = facts with { State = decision.State, Stage = decision.Stage };
            }

            held -= Math.Min(held, random.Next(0, 20));
        }

        return batches;
    }

    private static StageFacts Facts() => new(
        [Careful, Open], "running", 0, 0, null, SentToday: false, NeedsPerson: false, Approved: false, new(2026, 11, 23), new(10, 0), new(9, 0), Weekdays, 1_000, null, [new(0.5, 88), Quiet]);
}
