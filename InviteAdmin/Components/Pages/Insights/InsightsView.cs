using InviteAdmin.Insights;

namespace InviteAdmin.Components.Pages.Insights;

/// <summary>The insights as their address describes them.</summary>
public sealed record InsightsView
{
    public static readonly IReadOnlyList<int> Ranges = [7, 28, 90, 365];

    private const int Usual = 28;

    public int Days { get; init; } = Usual;

    /// <summary>Beside the same number of days right before.</summary>
    public bool Compare { get; init; }

    public InsightRange Range(DateOnly today, string zone) => InsightRange.Last(Allowed(Days), today, zone);

    /// <summary>One of the ranges; whatever else stood in the address is ignored.</summary>
    public static int Allowed(int days) => Ranges.Contains(days) ? days : Usual;
}

/// <summary>The people behind a loss of the funnel as the address describes them.</summary>
public sealed record DropOffView
{
    public DropOff Step { get; init; }

    public int Days { get; init; } = 28;

    /// <summary>Of the same number of days right before.</summary>
    public bool Before { get; init; }

    /// <summary>A source's name, Direct for none, or all.</summary>
    public string? Source { get; init; }

    public int Page { get; init; } = 1;

    public InsightRange Range(DateOnly today, string zone)
    {
        var range = InsightRange.Last(InsightsView.Allowed(Days), today, zone);
        return Before ? range.Previous() : range;
    }
}
