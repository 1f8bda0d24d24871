namespace InviteAdmin.Insights;

/// <summary>How long people took from invitation to registration, in whole hours begun: how many of them needed less than one hour, less than two, and so on.</summary>
/// <param name="Hours">Pairs of whole hours since the invitation and people, by hours.</param>
public sealed record RegisterTimes(IReadOnlyList<HourCount> Hours)
{
    /// <summary>Upper ends of the bars, in hours; the last bar has none.</summary>
    private static readonly (int Until, string Name)[] Bars =
    [
        (1, "under 1 h"), (3, "1–3 h"), (6, "3–6 h"), (12, "6–12 h"), (24, "12–24 h"), (48, "day 2"), (72, "day 3"), (96, "day 4"), (120, "day 5"), (144, "day 6"), (168, "day 7"), (int.MaxValue, "later"),
    ];

    public long People => Hours.Sum(h => h.People);

    /// <summary>Within so many hours half had registered; null without anybody.</summary>
    public int? Median => Within(0.5);

    /// <summary>Within so many hours nine of ten had registered.</summary>
    public int? Ninety => Within(0.9);

    public IReadOnlyList<(string Name, long People)> Histogram() =>
        [.. Bars.Select((bar, i) => (bar.Name, Hours.Where(h => h.Hours < bar.Until && (i == 0 || h.Hours >= Bars[i - 1].Until)).Sum(h => h.People)))];

    /// <summary>The fewest hours within which at least this share had registered.</summary>
    public int? Within(double share)
    {
        var (needed, sum) = (Math.Ceiling(People * share), 0L);
        foreach (var hour in Hours)
        {
            sum += hour.People;
            if (sum >= needed)
            {
                return hour.Hours + 1;
            }
        }

        return null;
    }
}

/// <summary>So many people registered after this many whole hours and before the next.</summary>
public sealed record HourCount(int Hours, long People);
