using System.Globalization;

namespace InviteAdmin.Rollout;

/// <summary>A forecast in words, also when there is nothing to say.</summary>
public static class ForecastSentence
{
    /// <summary>Dates as they are said after “is” or “invited”: between 3 and 9 December. Years are named when they are not this one.</summary>
    public static string Dates(DayRange range, DateOnly today)
    {
        var (from, to) = (range.From, range.To);
        return from == to ? $"on {Day(to, today)}"
            : from.Year == to.Year && from.Month == to.Month ? $"between {from.Day.ToString(CultureInfo.InvariantCulture)} and {Day(to, today)}"
            : from.Year == to.Year ? $"between {from.ToString("d MMMM", CultureInfo.InvariantCulture)} and {Day(to, today)}"
            : $"between {from.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)} and {to.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}";
    }

    internal static string Empty(ForecastFacts facts, DayRange range) => $"The queue is empty {Dates(range, facts.Today)} (80 % sure).";

    /// <summary>Why nothing can be said from these facts; null when something can.</summary>
    internal static string? CannotSay(ForecastFacts facts) => facts switch
    {
        { State: "draft" } => "The plan is a draft; it cannot be said when the queue is empty before it runs.",
        { State: "paused" } => $"Paused{(facts.PausedBy is null ? "" : $" by {facts.PausedBy}")}; it cannot be said when the queue is empty before the rollout goes on.",
        { State: "completed" } => facts.Waiting == 0 ? "All stages are done and nobody is waiting." : $"All stages are done; {People(facts.Waiting)} still waiting and no batch follows.",
        { WaitsFor: "person" } => $"{Stage(facts)} was halted and waits for somebody; it cannot be said yet when the queue is empty.",
        { WaitsFor: "approval" } => $"{Stage(facts)} waits for approval; it cannot be said yet when the queue is empty.",
        { State: "holding" } when Unforeseen(facts).Any() => $"{Stage(facts)} is held by its gate, which also asks for {string.Join(" and ", Unforeseen(facts))}; it cannot be said yet when the queue is empty.",
        { Waiting: 0 } => "Nobody is waiting.",
        { Days.Count: 0 } => "The plan has no days on which a batch goes out.",
        { Joins.Count: < ForecastModel.LeastDays } => $"It cannot be said yet when the queue is empty: that takes {Number(ForecastModel.LeastDays)} whole days of joins, and there {(facts.Joins.Count == 1 ? "is" : "are")} {Number(facts.Joins.Count)}.",
        _ => null,
    };

    /// <summary>Why the runs give no range.</summary>
    /// <param name="reason">What kept most of those back that did not empty.</param>
    internal static string NotEmpty(ForecastFacts facts, StillWaiting reason, int not, int runs)
    {
        var always = not > 0.9 * runs;
        var joins = new DailyRate(facts.Joins).Mean;
        return reason switch
        {
            StillWaiting.Gate => $"It cannot be said yet when the queue is empty: a gate {(always ? "holds by what is known now" : "may hold")}.",
            StillWaiting.Seats => $"The {Number(facts.Capacity ?? 0)} seats {(always ? "run" : "may run")} out before the queue is empty.",
            StillWaiting.PlanEnds => $"The last stage {(always ? "ends" : "may end")} before the queue is empty.",
            _ when always => $"The queue does not empty within {Horizon}: about {Number((long)Math.Round(joins))} people join a day, and at most {Number((long)Math.Round(PerDay(facts)))} are invited.",
            _ => $"It cannot be said when the queue is empty: about {Number((long)Math.Round(joins))} people join a day, nearly as many as are invited.",
        };
    }

    internal static IReadOnlyList<string> Assumptions(ForecastFacts facts)
    {
        List<string> all = ["People go on joining and signing up as in the last weeks."];
        var ahead = facts.Stages.Skip(facts.Stage).ToList();
        if (ahead.Any(s => s.NeedsApproval))
        {
            all.Add("Stages are approved without delay.");
        }

        if (ahead.SelectMany(Unforeseen).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } taken)
        {
            all.Add($"Gates that ask for {string.Join(" and ", taken)} pass.");
        }

        return all;
    }

    private static string Horizon => "two years";

    private static double PerDay(ForecastFacts facts) => (double)facts.Stages[^1].BatchSize * facts.Days.Count / 7;

    private static IEnumerable<string> Unforeseen(ForecastFacts facts) => Unforeseen(facts.Stages[facts.Stage]).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Unforeseen(Stage stage) => stage.Gate.Where(c => c is not ConversionCondition).Select(c => c switch
    {
        RetentionCondition => "retention",
        SignalCondition => "signals",
        BounceCondition => "bounces",
        ComplaintCondition => "complaints",
        _ => "other conditions",
    });

    private static string Stage(ForecastFacts facts) => $"Stage {Number(facts.Stage + 1)}";

    private static string Day(DateOnly day, DateOnly today) => day.ToString(day.Year == today.Year ? "d MMMM" : "d MMMM yyyy", CultureInfo.InvariantCulture);

    private static string People(long people) => people == 1 ? "1 person is" : $"{Number(people)} people are";

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
