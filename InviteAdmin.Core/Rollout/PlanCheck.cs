using System.Globalization;
using System.Text.RegularExpressions;
using InviteAdmin.Results;

namespace InviteAdmin.Rollout;

/// <summary>A plan whose every field was found good.</summary>
internal sealed record CheckedPlan(string Zone, TimeOnly SendAt, string[] Days, int? Capacity, int? MailPerMinute, IReadOnlyList<Stage> Stages);

/// <summary>Reads a plan as it was written, names each field that is wrong, and refuses plans that could never send.</summary>
public static partial class PlanCheck
{
    /// <summary>Most stages of a plan, and most conditions of a gate.</summary>
    public const int MostStages = 20;
    private const int MostConditions = 10;

    /// <summary>What is wrong with a plan, for an editor to say as one types; null when nothing is.</summary>
    public static Invalid? Of(PlanRequest request)
    {
        var checks = new FieldChecks();
        Read(request, checks);
        return checks.Failure;
    }

    /// <summary>The plan's sentences as far as it can be read, for an editor to show as one types; empty while something is wrong.</summary>
    public static IReadOnlyList<string> Sentences(PlanRequest request)
    {
        var checks = new FieldChecks();
        var plan = Read(request, checks);
        return checks.Failure is null ? PlanSentence.Of(plan.Stages, plan.Days, plan.SendAt, plan.Zone) : [];
    }

    internal static CheckedPlan Read(PlanRequest request, FieldChecks checks)
    {
        if (request.Zone is null || !TimeZoneInfo.TryFindSystemTimeZoneById(request.Zone, out _))
        {
            checks.Refuse("zone", "Zone is a name like Europe/Berlin.");
        }

        if (!TimeOnly.TryParseExact(request.SendAt, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var sendAt))
        {
            checks.Refuse("sendAt", "Send at is a time of day like 09:00.");
        }

        var days = PlanFacts.Week.Where(d => request.Days?.Contains(d, StringComparer.Ordinal) == true).ToArray();
        if (days.Length == 0 || request.Days!.Any(d => !PlanFacts.Week.Contains(d, StringComparer.Ordinal)))
        {
            checks.Refuse("days", "Choose at least one day of the week.");
        }

        Within(checks, "capacity", "Capacity", request.Capacity, 0, 100_000_000);
        Within(checks, "mailPerMinute", "Mails a minute", request.MailPerMinute, 1, 1_000_000);
        if (request.Stages is not { Count: >= 1 and <= MostStages })
        {
            checks.Refuse("stages", $"A plan has 1 to {MostStages} stages.");
        }

        // In JSON a list may hold null, whatever its type says.
        return new(request.Zone ?? "", sendAt, days, request.Capacity, request.MailPerMinute, [.. (request.Stages ?? []).Take(MostStages).Select((s, i) => Read(s ?? NoStage, i, checks))]);
    }

    /// <summary>What a plan does that its author may not expect.</summary>
    /// <param name="today">The plan's local date.</param>
    internal static IReadOnlyList<string> Warnings(CheckedPlan plan, DateOnly today)
    {
        var warnings = new List<string>();
        var zone = TimeZoneInfo.FindSystemTimeZoneById(plan.Zone);
        // An hour that is skipped once a year is worth a sentence, not a refusal.
        var gap = Enumerable.Range(0, 366).Select(n => today.AddDays(n)).Where(d => plan.Days.Contains(d.DayOfWeek.ToString()[..3].ToLowerInvariant())).Select(d => d.ToDateTime(plan.SendAt)).FirstOrDefault(zone.IsInvalidTime);
        if (gap != default)
        {
            var minutes = Enumerable.Range(1, 24 * 60).First(m => !zone.IsInvalidTime(gap.AddMinutes(m)));
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"There is no {gap:HH:mm} in {plan.Zone} on {gap:d MMMM yyyy}, as clocks go forward: that day's batch goes out at {gap.AddMinutes(minutes):HH:mm}."));
        }

        foreach (var (stage, i) in plan.Stages.Select((s, i) => (s, i)))
        {
            var late = stage.Gate.Select(c => c switch { ConversionCondition v => v.AfterDays, RetentionCondition r => r.Day + 1, _ => 0 }).DefaultIfEmpty(0).Max();
            if (late > stage.SoakDays)
            {
                warnings.Add(string.Create(CultureInfo.InvariantCulture, $"Stage {i + 1} soaks for {stage.SoakDays:N0} {(stage.SoakDays == 1 ? "day" : "days")}, but its gate looks {late:N0} days after the last batch: it holds until then."));
            }

            if (stage.Batches is null && i + 1 == plan.Stages.Count && (stage.NeedsApproval || stage.Gate.Any(c => !c.Stops)))
            {
                warnings.Add($"Stage {i + 1} is the last and goes on until nobody waits: its gate only halts it, and nothing follows that would need approval.");
            }
        }

        return warnings;
    }

    private static readonly StageRequest NoStage = new(null, 0, null, 0, null, null);

    private static readonly ConditionRequest NoCondition = new(Metric: null);

    private static Stage Read(StageRequest stage, int index, FieldChecks checks)
    {
        var (at, said) = (string.Create(CultureInfo.InvariantCulture, $"stages[{index}]."), $"of stage {index + 1}");
        var name = checks.Text($"{at}name", stage.Name, 60) ?? $"Stage {index + 1}";
        Within(checks, $"{at}batchSize", $"Batch size {said}", stage.BatchSize, 1, ReleaseCohort.MostPeople);
        Within(checks, $"{at}batches", $"The number of batches {said}", stage.Batches, 1, 10_000);
        Within(checks, $"{at}soakDays", $"Soak days {said}", stage.SoakDays, 0, 365);
        if (stage.Approval is not (null or "auto" or "manual"))
        {
            checks.Refuse($"{at}approval", $"Approval {said} is auto or manual.");
        }

        if (stage.Gate?.Count > MostConditions)
        {
            checks.Refuse($"{at}gate", $"The gate {said} has at most {MostConditions} conditions.");
        }

        var most = stage.Batches is { } batches ? (long)batches * stage.BatchSize : long.MaxValue;
        return new(name, stage.BatchSize, stage.Batches, stage.SoakDays, stage.Approval ?? "auto",
            [.. (stage.Gate ?? []).Take(MostConditions).Select((c, i) => Read(c ?? NoCondition, string.Create(CultureInfo.InvariantCulture, $"{at}gate[{i}]."), most, checks)).OfType<GateCondition>()]);
    }

    private static GateCondition? Read(ConditionRequest condition, string at, long most, FieldChecks checks)
    {
        double Share(string field, double? value) => Number(checks, at + field, value, 0, 1, "a share between 0 and 1");
        int Whole(string field, string label, int? value, int highest)
        {
            Within(checks, at + field, label, value ?? 0, 1, highest);
            return value ?? 0;
        }

        int Sample()
        {
            var sample = Whole("minimumSample", "The smallest sample", condition.MinimumSample, 10_000_000);
            if (sample > most)
            {
                checks.Refuse($"{at}minimumSample", string.Create(CultureInfo.InvariantCulture, $"The stage invites at most {most:N0} people, so that a gate that needs {sample:N0} can never pass."));
            }

            return sample;
        }

        switch (condition.Metric)
        {
            case "conversion": return new ConversionCondition(Share("atLeast", condition.AtLeast), Sample(), Whole("afterDays", "After days", condition.AfterDays, 365));
            case "retention": return new RetentionCondition(Whole("day", "Day", condition.Day, 365), Share("atLeast", condition.AtLeast), Sample());
            case "bounces": return new BounceCondition(Share("atMost", condition.AtMost), Sample());
            case "complaints": return new ComplaintCondition(Share("atMost", condition.AtMost), Sample());
            case "capacity": return new CapacityCondition((int)Number(checks, $"{at}atLeast", condition.AtLeast is { } seats && seats == Math.Floor(seats) ? seats : null, 1, 100_000_000, "a whole number of seats of 1 or more"));
            case "signal": return Signal(condition, at, checks);
            default:
                checks.Refuse($"{at}metric", "Metric is conversion, retention, signal, bounces, complaints or capacity.");
                return null;
        }
    }

    private static SignalCondition? Signal(ConditionRequest condition, string at, FieldChecks checks)
    {
        if (condition.Name is null || !SignalName().IsMatch(condition.Name))
        {
            checks.Refuse($"{at}name", NameSentence);
        }

        if (!Enum.TryParse<SignalUse>(condition.Use, ignoreCase: true, out var use) || char.IsDigit(condition.Use[0]))
        {
            checks.Refuse($"{at}use", "Use is latest, mean or max.");
        }

        if (condition.AtMost is null == condition.AtLeast is null)
        {
            checks.Refuse($"{at}atMost", "A signal has either a highest or a lowest value.");
        }

        var bound = Number(checks, condition.AtMost is null ? $"{at}atLeast" : $"{at}atMost", condition.AtMost ?? condition.AtLeast, -1e15, 1e15, "a number between −10^15 and 10^15");
        var hours = Number(checks, $"{at}hours", condition.Hours, 0.05, 720, "a number of hours between 0.05 and 720");
        return new(condition.Name ?? "", use, hours, condition.AtMost is null ? null : bound, condition.AtMost is null ? bound : null);
    }

    private static double Number(FieldChecks checks, string field, double? value, double least, double most, string what)
    {
        if (value is not { } number || !double.IsFinite(number) || number < least || number > most)
        {
            checks.Refuse(field, $"{char.ToUpperInvariant(field[(field.LastIndexOf('.') + 1)..][0])}{field[(field.LastIndexOf('.') + 2)..]} is {what}.");
            return 0;
        }

        return number;
    }

    private static void Within(FieldChecks checks, string field, string label, int? value, int least, int most)
    {
        if (value < least || value > most)
        {
            checks.Refuse(field, string.Create(CultureInfo.InvariantCulture, $"{label} must be between {least:N0} and {most:N0}."));
        }
    }

    internal const string NameSentence = "Name is 1 to 64 letters, digits, dots, dashes and underscores, such as error_rate.";

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    internal static partial Regex SignalName();
}
