using System.Diagnostics;
using System.Globalization;

namespace InviteAdmin.Benchmarks;

/// <summary>Times, their middle and their spread. What is compared is measured in turn (A B A B …), so that a busy machine is busy for both.</summary>
internal static class Figures
{
    public static void Say(string line) => Console.WriteLine(line);

    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Median, then the range that holds the middle half.</summary>
    public static string Of(IReadOnlyCollection<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{Median(sorted):N1} ({sorted[sorted.Length / 4]:N1}–{sorted[sorted.Length * 3 / 4]:N1})");
    }

    /// <summary>The same for rates, which have no use for decimals.</summary>
    public static string Whole(IReadOnlyCollection<double> rates)
    {
        var sorted = rates.Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{Median(sorted):N0} ({sorted[0]:N0}–{sorted[^1]:N0})");
    }

    public static string Ratio(IReadOnlyCollection<double> ours, IReadOnlyCollection<double> limit) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(ours) / Median(limit):N2}");

    /// <summary>Median and 99th percentile.</summary>
    public static string Tail(IReadOnlyCollection<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{Median(sorted):N2} | {sorted[(int)(sorted.Length * 0.99)]:N2}");
    }

    public static async Task<double> Time(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed.TotalMilliseconds;
    }
}
