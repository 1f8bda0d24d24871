using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Shared;

/// <summary>
/// A chart of at most 180 points and three series: lines of days, bars of a histogram, rows of names. Our own SVG and HTML, because the
/// library's prerender empty and its legend is not valid ARIA. The sentence says the finding; the same numbers stand in a table and a file.
/// </summary>
public sealed partial class ChartFigure
{
    public const int MostPoints = 180;
    public const int MostSeries = 3;

    private readonly string _id = $"chart-{Guid.NewGuid():N}";
    private ChartData _data = new([], [], false, Say.Number);
    private IReadOnlyList<ChartPoint> _points = [];
    private bool _table;
    private int _left;

    /// <summary>What the chart shows, as somebody would say it.</summary>
    [Parameter, EditorRequired]
    public required string Sentence { get; set; }

    /// <summary>The axis where it is days; otherwise <see cref="Points"/>.</summary>
    [Parameter]
    public IReadOnlyList<DateOnly>? Days { get; set; }

    [Parameter]
    public IReadOnlyList<ChartPoint>? Points { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ChartLine> Series { get; set; }

    [Parameter]
    public ChartKind Kind { get; set; }

    /// <summary>What one point is: the head of the table's first column.</summary>
    [Parameter]
    public string PointName { get; set; } = "Day";

    /// <summary>How a value is written: as a number, unless it is a percentage or a time.</summary>
    [Parameter]
    public Func<double, string> Write { get; set; } = Say.Number;

    [Parameter]
    public string FileName { get; set; } = "chart";

    /// <summary>Where the file comes from when it has more than the chart; otherwise it holds the chart's own numbers.</summary>
    [Parameter]
    public string? CsvHref { get; set; }

    /// <summary>The last point is not over: its part of the line is dashed.</summary>
    [Parameter]
    public bool LastIsSoFar { get; set; }

    /// <summary>What the last point is, where it is not over.</summary>
    [Parameter]
    public string SoFar { get; set; } = "today";

    /// <summary>What exactly is counted and what is not, in words that could be checked against the database.</summary>
    [Parameter]
    public string? Definition { get; set; }

    /// <summary>When the numbers were read, and how long that took.</summary>
    [Parameter]
    public DateTimeOffset? CountedAt { get; set; }

    [Parameter]
    public TimeSpan? Took { get; set; }

    // Days are read from today backwards; steps and names in their own order.
    private IEnumerable<int> TableOrder => Days is null ? Enumerable.Range(0, _data.Points.Count) : Enumerable.Range(0, _data.Points.Count).Reverse();

    private string Csv
    {
        get
        {
            var text = new StringBuilder();
            var told = Series.Any(s => s.ImmatureFrom is not null) || _points.Any(p => p.IsImmature);
            text.Append(CsvText.Line([PointName.ToLowerInvariant(), .. Series.Select(s => s.Name.ToLowerInvariant()), .. told ? ["may still grow"] : Array.Empty<string>()])).Append('\n');
            foreach (var (i, point) in _points.Index())
            {
                var grows = point.IsImmature || Series.Any(s => s.ImmatureFrom <= i);
                text.Append(CsvText.Line(
                    [point.Key ?? point.Label, .. Series.Select(s => s.Values[i]?.ToString(CultureInfo.InvariantCulture)), .. told ? [grows ? "yes" : "no"] : Array.Empty<string>()])).Append('\n');
            }

            return "data:text/csv;charset=utf-8," + Uri.EscapeDataString(text.ToString());
        }
    }

    protected override void OnParametersSet()
    {
        _points = Points ?? [.. (Days ?? []).Select(d => ChartPoint.Of(d))];
        if (Series.Count > MostSeries || Series.Any(s => s.Values.Count != _points.Count))
        {
            throw new ArgumentException($"A chart has at most {MostSeries} series with one value for each of its {_points.Count} points.");
        }

        _left = Math.Max(0, _points.Count - MostPoints);
        _data = new(_left == 0 ? _points : [.. _points.Skip(_left)], _left == 0 ? Series : [.. Series.Select(Last)], LastIsSoFar, Write);
    }

    private ChartLine Last(ChartLine line) => line with { Values = [.. line.Values.Skip(_left)], ImmatureFrom = line.ImmatureFrom is { } from ? Math.Max(0, from - _left) : null };
}
