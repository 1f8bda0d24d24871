using System.Globalization;

namespace InviteAdmin.Rollout;

/// <summary>Today's batch in one sentence, from the plan and its latest decision.</summary>
public static class BatchSentence
{
    public static string Of(PlanFacts plan, DecisionFacts? latest, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(plan.Zone, out var found) ? found : TimeZoneInfo.Utc;
        var local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        var today = DateOnly.FromDateTime(local);
        var batch = $"{plan.BatchSize.ToString("N0", CultureInfo.InvariantCulture)} {(plan.BatchSize == 1 ? "person" : "people")}";
        var at = $"{plan.SendAt.ToString("HH:mm", CultureInfo.InvariantCulture)} {(plan.Zone == "Etc/UTC" ? "UTC" : plan.Zone)}";
        if (latest is { Outcome: "released", Cohort: { } cohort } && latest.LocalDate == today)
        {
            var invited = latest.Invited ?? 0;
            return $"Today's batch went out: {invited.ToString("N0", CultureInfo.InvariantCulture)} {(invited == 1 ? "person" : "people")} invited in cohort {cohort}.";
        }

        return plan.State switch
        {
            "draft" => $"The daily batch is not running yet. The plan would invite {batch} a day at {at}.",
            "paused" => $"The rollout is paused{(plan.PausedBy is null ? "" : $" by {plan.PausedBy}")}{(plan.PausedReason is null ? "" : $": {plan.PausedReason.TrimEnd('.')}")}. Nothing goes out until it is resumed.",
            "completed" => "The rollout is complete. There is no daily batch any more.",
            _ when latest is not null && latest.LocalDate == today && latest.Outcome != "off-day" => $"No batch today: {latest.Reason}",
            _ when !plan.Days.Contains(PlanFacts.Week[((int)today.DayOfWeek + 6) % 7]) => $"No batch today. {batch[..1].ToUpperInvariant()}{batch[1..]} go out at {at} on the plan's next day.",
            _ when TimeOnly.FromDateTime(local) < plan.SendAt => $"Today's batch of {batch} goes out at {at}.",
            _ => $"Today's batch of {batch} was due at {at} and is about to go out.",
        };
    }
}
