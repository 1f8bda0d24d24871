using System.Globalization;

namespace InviteAdmin.Components.Shared;

/// <summary>How a chart is drawn.</summary>
public enum ChartKind
{
    /// <summary>Lines over days, weeks or steps.</summary>
    Lines,

    /// <summary>Upright bars, as of a histogram.</summary>
    Bars,

    /// <summary>One row a point with a bar that lies: for names, which need their room.</summary>
    Rows,
}

/// <summary>One place on a chart's axis: a day, a week, a source, a step of a funnel.</summary>
/// <param name="Label">As people read it.</param>
public sealed record ChartPoint(string Label)
{
    /// <summary>As the file writes it; the label where it is not given.</summary>
    public string? Key { get; init; }

    /// <summary>The rows behind the point.</summary>
    public string? Href { get; init; }

    /// <summary>Its time is not over, so that its values may still grow: hatched.</summary>
    public bool IsImmature { get; init; }

    /// <summary>What happened there, such as a release: a fine line, and said beside the name.</summary>
    public string? Mark { get; init; }

    public static ChartPoint Of(DateOnly day, string? href = null) =>
        new(day.ToString("d MMM", CultureInfo.InvariantCulture)) { Key = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Href = href };
}

/// <summary>One line or one colour of bars.</summary>
/// <param name="Name">What it counts.</param>
/// <param name="Values">One for each point; nothing where there is nothing to say yet.</param>
public sealed record ChartLine(string Name, IReadOnlyList<double?> Values)
{
    /// <summary>From this point on the line's values may still grow; each line may have its own.</summary>
    public int? ImmatureFrom { get; init; }

    /// <summary>What the legend says beside the name, where it is not the sum of the values: a median, the last value, or nothing ("").</summary>
    public string? Mark { get; init; }
}
