using System.Globalization;

namespace InviteAdmin.Rollout;

/// <summary>What a gate says. Too little data holds.</summary>
public enum Verdict
{
    Pass,
    Hold,
    NotEnoughData,
}

/// <summary>One condition, what it was measured at, and what follows, in words that end a sentence such as “Stage 2 held: …”.</summary>
public sealed record ConditionResult(GateCondition Condition, Measured Measured, Verdict Verdict, string Words);

/// <summary>Judges conditions by what was measured. The same measurements give the same verdict again.</summary>
public static class GateCheck
{
    /// <summary>All must pass; a breach outweighs what cannot be told yet.</summary>
    public static Verdict Of(IReadOnlyCollection<ConditionResult> results) =>
        results.Any(r => r.Verdict == Verdict.Hold) ? Verdict.Hold : results.Any(r => r.Verdict == Verdict.NotEnoughData) ? Verdict.NotEnoughData : Verdict.Pass;

    public static IReadOnlyList<ConditionResult> Judge(IReadOnlyList<GateCondition> gate, IReadOnlyList<Measured> measured) =>
        gate.Count == measured.Count ? [.. gate.Zip(measured, Judge)] : throw new ArgumentException("Each condition of a gate needs its measurement.", nameof(measured));

    public static ConditionResult Judge(GateCondition condition, Measured measured)
    {
        var (least, atLeast, atMost) = condition switch
        {
            ConversionCondition c => (c.MinimumSample, c.AtLeast, (double?)null),
            RetentionCondition r => (r.MinimumSample, r.AtLeast, null),
            SignalCondition s => (1, s.AtLeast, s.AtMost),
            BounceCondition b => (b.MinimumSample, null, b.AtMost),
            ComplaintCondition c => (c.MinimumSample, (double?)null, c.AtMost),
            CapacityCondition c => (1, c.AtLeast, null),
            _ => throw new ArgumentException($"Nothing is known of conditions like {condition.GetType().Name}.", nameof(condition)),
        };
        var verdict = measured.Value is not { } value || double.IsNaN(value) || measured.Sample < Math.Max(1, least) ? Verdict.NotEnoughData
            : value < atLeast || value > atMost ? Verdict.Hold : Verdict.Pass;
        return new(condition, measured, verdict, Words(condition, measured, verdict));
    }

    private static string Words(GateCondition condition, Measured measured, Verdict verdict) => condition switch
    {
        ConversionCondition c => $"{Share(measured)} registered after {Days(c.AfterDays)}{Needs(verdict, $"{Percent(c.AtLeast)} of at least {Number(c.MinimumSample)}")}",
        RetentionCondition r => $"{Share(measured)} were active on day {Number(r.Day)}{Needs(verdict, $"{Percent(r.AtLeast)} of at least {Number(r.MinimumSample)}")}",
        SignalCondition s when measured.Value is null => $"no {s.Name} came in the last {Hours(s.Hours)}",
        SignalCondition s => $"{s.Name} is {Plain(measured.Value.Value)} ({Use(s.Use)} of {Hours(s.Hours)}){Needs(verdict, s.AtMost is { } most ? $"at most {Plain(most)}" : $"at least {Plain(s.AtLeast ?? 0)}")}",
        BounceCondition b => $"{Share(measured)} mails came back{Needs(verdict, $"at most {Percent(b.AtMost)} of at least {Number(b.MinimumSample)}")}",
        ComplaintCondition c => $"{Share(measured)} mails were complained about{Needs(verdict, $"at most {Percent(c.AtMost)} of at least {Number(c.MinimumSample)}")}",
        CapacityCondition c => $"{(measured.Value is { } free ? free == 1 ? "1 seat is" : $"{Plain(Math.Max(0, free))} seats are" : "no number of seats is")} free{Needs(verdict, Plain(c.AtLeast))}",
        _ => throw new ArgumentException($"Nothing is known of conditions like {condition.GetType().Name}.", nameof(condition)),
    };

    private static string Needs(Verdict verdict, string what) => verdict == Verdict.Pass ? "" : $", needs {what}";

    private static string Share(Measured measured) => measured.Value is { } value ? $"{Percent(value)} of {Number(measured.Sample)}" : "none yet";

    private static string Use(SignalUse use) => use switch { SignalUse.Latest => "the latest", SignalUse.Mean => "the mean", _ => "the highest" };

    private static string Days(int days) => days == 1 ? "1 day" : $"{Number(days)} days";

    private static string Hours(double hours) => hours == 1 ? "hour" : $"{Plain(hours)} hours";

    private static string Percent(double share) => (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    private static string Plain(double value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
