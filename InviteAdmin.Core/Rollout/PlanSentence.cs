using System.Globalization;

namespace InviteAdmin.Rollout;

/// <summary>The plan read aloud, one sentence a stage: “100 people every weekday at 09:00 Berlin time for 5 days; then wait 3 days; go on if at least 35 % registered (of 50 or more); else hold and tell us.”</summary>
public static class PlanSentence
{
    private static readonly string[] Week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    public static IReadOnlyList<string> Of(IReadOnlyList<Stage> stages, IReadOnlyList<string> days, TimeOnly sendAt, string zone) =>
        [.. stages.Select((stage, i) => Sentence(stage, i + 1 == stages.Count, Days(days), $"at {sendAt.ToString("HH:mm", CultureInfo.InvariantCulture)} {Zone(zone)}"))];

    /// <summary>The first day on which a plan that starts now sends, as a sentence begins with it: “From today, ”, “From Monday, ”.</summary>
    /// <param name="now">The plan's local time.</param>
    public static string From(IReadOnlyList<string> days, TimeOnly sendAt, DateTime now)
    {
        var (today, isOver) = (DateOnly.FromDateTime(now), TimeOnly.FromDateTime(now) > sendAt);
        var ahead = Enumerable.Range(isOver ? 1 : 0, 8).FirstOrDefault(n => days.Contains(today.AddDays(n).DayOfWeek.ToString()[..3].ToLowerInvariant(), StringComparer.Ordinal));
        return ahead switch { 0 => "From today, ", 1 => "From tomorrow, ", _ => $"From {today.AddDays(ahead).DayOfWeek}, " };
    }

    private static string Sentence(Stage stage, bool isLast, string days, string at)
    {
        var people = stage.BatchSize == 1 ? "1 person" : $"{Number(stage.BatchSize)} people";
        var parts = new List<string> { stage.Batches == 1 ? $"{people} once, {at}" : $"{people} {days} {at} {(stage.Batches is { } batches ? $"for {Number(batches)} days" : "until nobody waits")}" };
        if (stage.SoakDays > 0)
        {
            parts.Add($"then wait {(stage.SoakDays == 1 ? "1 day" : $"{Number(stage.SoakDays)} days")}");
        }

        if (isLast && stage.Batches is null && stage.Gate.Count > 0)
        {
            // Nothing follows a stage without an end, so that its gate can only halt it.
            parts[0] += $", as long as {List(stage.Gate.Select(Condition).ToArray())}";
            parts.Add("else hold and tell us");
        }
        else if (stage.Gate.Count > 0)
        {
            parts.Add($"{(isLast ? "done" : "go on")} if {List([.. stage.Gate.Select(Condition), .. stage.NeedsApproval ? ["somebody approves"] : Array.Empty<string>()])}");
            parts.Add("else hold and tell us");
        }
        else if (stage.NeedsApproval)
        {
            parts.Add("go on when somebody approves");
        }

        return $"{string.Join("; ", parts)}.";
    }

    private static string Condition(GateCondition condition) => condition switch
    {
        ConversionCondition c => $"at least {Percent(c.AtLeast)} registered {(c.AfterDays == 1 ? "after 1 day" : $"after {Number(c.AfterDays)} days")} (of {Number(c.MinimumSample)} or more)",
        RetentionCondition r => $"at least {Percent(r.AtLeast)} are active on day {Number(r.Day)} (of {Number(r.MinimumSample)} or more)",
        SignalCondition { AtMost: { } most } s => $"{s.Name} stays at {Plain(most)} or less",
        SignalCondition s => $"{s.Name} stays at {Plain(s.AtLeast ?? 0)} or more",
        BounceCondition b => $"at most {Percent(b.AtMost)} of the mails come back",
        ComplaintCondition c => $"at most {Percent(c.AtMost)} of the mails are complained about",
        CapacityCondition c => $"at least {(c.AtLeast == 1 ? "1 seat is" : $"{Number(c.AtLeast)} seats are")} free",
        _ => throw new ArgumentException($"Nothing is known of conditions like {condition.GetType().Name}.", nameof(condition)),
    };

    private static string Days(IReadOnlyList<string> days)
    {
        var chosen = Week.Where(d => days.Contains(d, StringComparer.Ordinal)).ToArray();
        return chosen.Length == 7 ? "every day" : chosen.SequenceEqual(Week[..5]) ? "every weekday" : $"every {List([.. chosen.Select(d => Enum.GetNames<DayOfWeek>().First(n => n.StartsWith(d, StringComparison.OrdinalIgnoreCase)))])}";
    }

    // Europe/Berlin is Berlin time to whoever lives there.
    private static string Zone(string zone) => zone is "UTC" or "Etc/UTC" ? "UTC" : $"{zone[(zone.LastIndexOf('/') + 1)..].Replace('_', ' ')} time";

    private static string List(IReadOnlyList<string> parts) => parts.Count < 2 ? string.Concat(parts) : $"{string.Join(", ", parts.SkipLast(1))} and {parts[^1]}";

    private static string Percent(double share) => (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    private static string Plain(double value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
