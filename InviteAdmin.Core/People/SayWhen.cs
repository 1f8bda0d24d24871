using System.Globalization;

namespace InviteAdmin.People;

/// <summary>How sentences about people name moments: in the workspace's zone, by the day, with the year only when it is another one.</summary>
internal sealed class SayWhen(DateTimeOffset now, TimeZoneInfo zone)
{
    public DateTimeOffset Now => now;

    /// <summary>“18 Nov”, or “18 Nov 2025”.</summary>
    public string Day(DateTimeOffset at)
    {
        var local = Local(at);
        return local.ToString(local.Year == Local(now).Year ? "d MMM" : "d MMM yyyy", CultureInfo.InvariantCulture);
    }

    /// <summary>“ on 18 Nov”, or nothing when it is not known.</summary>
    public string OnDay(DateTimeOffset? at) => at is { } known ? Local(known).Date == Local(now).Date ? " today" : $" on {Day(known)}" : "";

    /// <summary>“today at 14:05”, “tomorrow at 09:00” or “on 18 Nov at 14:05”; what is due already is “in a moment”.</summary>
    public string At(DateTimeOffset at)
    {
        var (then, today) = (Local(at), Local(now).Date);
        var time = then.ToString("HH:mm", CultureInfo.InvariantCulture);
        return at <= now ? "in a moment" : then.Date == today ? $"today at {time}" : then.Date == today.AddDays(1) ? $"tomorrow at {time}" : $"on {Day(at)} at {time}";
    }

    /// <summary>How long until then: “in 5 days”, “in 20 hours”, “within the hour”.</summary>
    public string In(DateTimeOffset at) => (at - now) switch
    {
        { TotalDays: >= 2 } left => string.Create(CultureInfo.InvariantCulture, $"in {(int)left.TotalDays} days"),
        { TotalHours: >= 2 } left => string.Create(CultureInfo.InvariantCulture, $"in {(int)left.TotalHours} hours"),
        { TotalHours: >= 1 } => "in an hour",
        _ => "within the hour",
    };

    private DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone);
}
