using System.Globalization;
using System.Text.RegularExpressions;
using InviteAdmin.Audit;

namespace InviteAdmin.Components.Pages.Audit;

/// <summary>The record of staff actions as its address describes it. Days are those of the workspace's zone.</summary>
public sealed partial record AuditView
{
    /// <summary>Kind and id, as in staff:3.</summary>
    public string? Actor { get; init; }

    public string? Action { get; init; }

    /// <summary>A person's id, a code, or a cohort's number.</summary>
    public string? Target { get; init; }

    /// <summary>First day, as 2026-11-22.</summary>
    public string? From { get; init; }

    /// <summary>Last day, as 2026-11-22.</summary>
    public string? To { get; init; }

    /// <summary>The last row of the page before.</summary>
    public long? Before { get; init; }

    public bool IsFiltered => this with { Before = null } != new AuditView();

    /// <summary>What makes no sense is left out.</summary>
    public AuditFilter Filter(TimeZoneInfo zone) => new(
        Actor is not null && ActorKey().IsMatch(Actor) ? Actor : null,
        Action is not null && AuditWords.Phrases.ContainsKey(Action) ? Action : null,
        Target?.Trim() is { Length: > 0 } target ? target : null,
        Start(From, zone), Start(To, zone, 1));

    private static DateTimeOffset? Start(string? day, TimeZoneInfo zone, int later = 0)
    {
        if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) || date.Year is < 2000 or > 2200)
        {
            return null;
        }

        var local = date.AddDays(later).ToDateTime(TimeOnly.MinValue);
        // Where the clock jumps over midnight, the day begins an hour later.
        return new DateTimeOffset(local, zone.GetUtcOffset(zone.IsInvalidTime(local) ? local.AddHours(1) : local)).ToUniversalTime();
    }

    [GeneratedRegex("^(staff|key|system|public):[A-Za-z0-9_.-]{1,100}$", RegexOptions.CultureInvariant)]
    private static partial Regex ActorKey();
}
