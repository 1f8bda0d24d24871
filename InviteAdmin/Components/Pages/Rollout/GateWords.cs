using System.Globalization;
using InviteAdmin.Components.Shared;
using InviteAdmin.Rollout;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>A condition of a gate as the cells of a table: what is asked, what was measured, on how many, and what follows.</summary>
public static class GateWords
{
    public static string Name(GateCondition condition) => condition switch
    {
        ConversionCondition c => $"Registered after {Say.Count(c.AfterDays, "day", "days")}",
        RetentionCondition r => $"Active on day {Say.Number(r.Day)}",
        SignalCondition s => $"{s.Name}, {Use(s.Use)} of {(s.Hours == 1 ? "an hour" : $"{Say.Number(s.Hours)} hours")}",
        BounceCondition => "Mails that came back",
        ComplaintCondition => "Mails complained about",
        _ => "Free seats",
    };

    public static string Threshold(GateCondition condition) => condition switch
    {
        ConversionCondition c => $"at least {Percent(c.AtLeast)}",
        RetentionCondition r => $"at least {Percent(r.AtLeast)}",
        SignalCondition { AtMost: { } most } => $"at most {Plain(most)}",
        SignalCondition s => $"at least {Plain(s.AtLeast ?? 0)}",
        BounceCondition b => $"at most {Percent(b.AtMost)}",
        ComplaintCondition c => $"at most {Percent(c.AtMost)}",
        CapacityCondition c => $"at least {Say.Number(c.AtLeast)}",
        _ => "",
    };

    /// <summary>The threshold as a number, to draw it.</summary>
    public static double Bound(GateCondition condition) => condition switch
    {
        ConversionCondition c => c.AtLeast,
        RetentionCondition r => r.AtLeast,
        SignalCondition s => s.AtMost ?? s.AtLeast ?? 0,
        BounceCondition b => b.AtMost,
        ComplaintCondition c => c.AtMost,
        CapacityCondition c => c.AtLeast,
        _ => 0,
    };

    public static string Value(GateCondition condition, double? value) => value switch
    {
        null => "nothing yet",
        { } number when condition is CapacityCondition => number >= int.MaxValue ? "no limit" : Say.Number((long)Math.Max(0, number)),
        { } number when condition is SignalCondition => Plain(number),
        { } number => Percent(number),
    };

    public static string Sample(ConditionResult result)
    {
        var sample = result.Measured.Sample;
        return result.Condition switch
        {
            ConversionCondition c => $"{Say.People(sample)}, needs {Say.Number(c.MinimumSample)}",
            RetentionCondition r => $"{Say.People(sample)}, needs {Say.Number(r.MinimumSample)}",
            BounceCondition b => $"{Say.Count(sample, "mail", "mails")}, needs {Say.Number(b.MinimumSample)}",
            ComplaintCondition c => $"{Say.Count(sample, "mail", "mails")}, needs {Say.Number(c.MinimumSample)}",
            SignalCondition => Say.Count(sample, "value", "values"),
            _ => "–",
        };
    }

    /// <summary>What the fine line says: where a share began, between which values a signal was.</summary>
    public static string Course(GateCondition condition, IReadOnlyList<double> course) => condition is SignalCondition
        ? $"{Plain(course.Min())} to {Plain(course.Max())}" : $"from {Value(condition, course[0])}";

    /// <summary>Icon, word and tone: never a colour alone.</summary>
    public static (string Icon, string Word, string Tone) Verdict(ConditionResult result) => result.Verdict switch
    {
        InviteAdmin.Rollout.Verdict.Pass => ("check_circle", "Passes", "good"),
        InviteAdmin.Rollout.Verdict.Hold when result.Condition.Stops => ("error", "Halts the rollout", "bad"),
        InviteAdmin.Rollout.Verdict.Hold => ("do_not_disturb_on", "Holds", "bad"),
        _ => ("hourglass_empty", "Not enough data", "warn"),
    };

    private static string Use(SignalUse use) => use switch { SignalUse.Latest => "the latest", SignalUse.Mean => "the mean", _ => "the highest" };

    private static string Percent(double share) => (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    private static string Plain(double value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);
}
