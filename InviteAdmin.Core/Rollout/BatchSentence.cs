using System.Globalization;

namespace InviteAdmin.Rollout;

/// <summary>Today's batch in one sentence, from the plan and its latest decisions: what went out, what will, or why nothing does.</summary>
public static class BatchSentence
{
    /// <param name="decisions">Newest first; what people decided among them is passed over.</param>
    public static string Of(PlanFacts plan, IReadOnlyList<DecisionFacts> decisions, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(plan.Zone, out var found) ? found : TimeZoneInfo.Utc;
        var local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        var today = DateOnly.FromDateTime(local);
        var batch = People(plan.BatchSize);
        var at = $"{plan.SendAt.ToString("HH:mm", CultureInfo.InvariantCulture)} {(plan.Zone == "Etc/UTC" ? "UTC" : plan.Zone)}";
        var ofToday = decisions.Where(d => d.By is null && d.LocalDate == today).ToArray();
        var sent = ofToday.FirstOrDefault(d => d is { Outcome: "released", Cohort: not null });
        return plan.State switch
        {
            "draft" => $"The plan is not running yet. It would invite {batch} a day at {at}.",
            "paused" => $"The rollout is paused{(plan.PausedBy is null ? "" : $" by {plan.PausedBy}")}{(plan.PausedReason is null ? "" : $": {plan.PausedReason.TrimEnd('.')}")}. Nothing goes out until it is resumed.",
            "completed" => "The rollout is complete. There is no daily batch any more.",
            "holding" => Held(plan),
            "soaking" => ofToday.FirstOrDefault(d => d.Outcome == "soaking")?.Reason ?? $"Stage {Number(plan.Stage + 1)} soaks: no batch today.",
            _ when sent is not null => $"Today's batch went out: {People(sent.Invited ?? 0)} invited in cohort {sent.Cohort}.",
            _ when ofToday.FirstOrDefault() is { Outcome: "empty" or "no-capacity" or "refused" } none => $"No batch today: {none.Reason}",
            _ when ofToday.FirstOrDefault() is { Outcome: "counting" } counting => $"No batch yet: {counting.Reason}",
            _ when !plan.Days.Contains(PlanFacts.Week[((int)today.DayOfWeek + 6) % 7]) => $"No batch today. {batch} {(plan.BatchSize == 1 ? "is" : "are")} invited at {at} on the plan's next day.",
            _ when TimeOnly.FromDateTime(local) < plan.SendAt => $"Today's batch of {batch} goes out at {at}.",
            _ => $"Today's batch of {batch} was due at {at} and is about to go out.",
        };
    }

    private static string Held(PlanFacts plan) => plan.WaitsFor switch
    {
        "person" => $"{plan.HeldReason ?? $"Stage {Number(plan.Stage + 1)} was halted."} Nothing goes out until somebody lets it go on.",
        "approval" => plan.HeldReason ?? $"Stage {Number(plan.Stage + 1)} waits for approval.",
        _ => $"{plan.HeldReason ?? $"Stage {Number(plan.Stage + 1)} is held by its gate."} No batch goes out until the gate passes.",
    };

    private static string People(int people) => $"{Number(people)} {(people == 1 ? "person" : "people")}";

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
