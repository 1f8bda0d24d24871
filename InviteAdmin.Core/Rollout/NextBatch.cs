namespace InviteAdmin.Rollout;

/// <summary>When the plan sends next, if the gates let it.</summary>
public static class NextBatch
{
    /// <summary>The first moment on one of the plan's days that neither lies behind nor falls into a soak; null while nothing is under way.</summary>
    public static DateTimeOffset? At(StageFacts facts, StageDecision rule, string zone)
    {
        if (rule.State is not ("running" or "soaking") || facts.Days.Count == 0)
        {
            return null;
        }

        var first = rule.State == "soaking" && facts.LastBatch is { } last ? last.AddDays(facts.Stages[facts.Stage].SoakDays + 1) : facts.SentToday ? facts.Today.AddDays(1) : facts.Today;
        // All stages are done after a soak.
        if (rule.State == "soaking" && facts.Stage + 1 == facts.Stages.Count)
        {
            return null;
        }

        var date = first;
        while (!facts.Days.Contains(date.DayOfWeek.ToString()[..3].ToLowerInvariant(), StringComparer.Ordinal))
        {
            date = date.AddDays(1);
        }

        return InZone(date.ToDateTime(facts.SendAt), TimeZoneInfo.FindSystemTimeZoneById(zone));
    }

    /// <summary>A local time as a moment: one that is skipped is the first after it, one that comes twice is its first.</summary>
    public static DateTimeOffset InZone(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }
}
