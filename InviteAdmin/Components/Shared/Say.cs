using System.Globalization;

namespace InviteAdmin.Components.Shared;

/// <summary>How the dashboard writes numbers and shares.</summary>
public static class Say
{
    /// <summary>Below this many, a percentage says more than it knows.</summary>
    public const long FewestForPercent = 20;

    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number that need not be whole, with two decimals at most.</summary>
    public static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    /// <summary>“1 person”, “2 people”.</summary>
    public static string Count(long value, string one, string many) => $"{Number(value)} {(value == 1 ? one : many)}";

    public static string People(long value) => Count(value, "person", "people");

    /// <summary>A share as a whole percentage, or “too few”.</summary>
    public static string Percent(long part, long whole) =>
        whole < FewestForPercent ? "too few" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0} %");

    /// <summary>The fraction behind a percentage.</summary>
    public static string Fraction(long part, long whole) => $"{Number(part)} of {Number(whole)}";

    /// <summary>“640 KB”, “12 MB”, “3.1 GB”.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / (1L << 30):0.0} GB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10} KB"),
    };

    /// <summary>How long something took: “12 ms”, “1.3 s”, “4 min”.</summary>
    public static string Took(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s"),
        _ => Span(span),
    };

    /// <summary>How long until or since: “42 s”, “5 min”, “3 h”, “9 days”.</summary>
    public static string Span(TimeSpan span) => span.Duration() switch
    {
        { TotalSeconds: < 60 } s => $"{(int)s.TotalSeconds} s",
        { TotalMinutes: < 60 } m => $"{(int)m.TotalMinutes} min",
        { TotalHours: < 48 } h => $"{(int)h.TotalHours} h",
        var d => $"{(int)d.TotalDays} days",
    };
}
