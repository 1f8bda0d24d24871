namespace InviteAdmin.Components.Shared;

/// <summary>What one chart shows, and the axis it is measured on: from zero to a round number.</summary>
/// <param name="Points">The places on the axis, at most 180.</param>
/// <param name="Series">At most three.</param>
/// <param name="LastIsSoFar">The last point is today or this week, which is not over.</param>
/// <param name="Write">How a value is written.</param>
public sealed record ChartData(IReadOnlyList<ChartPoint> Points, IReadOnlyList<ChartLine> Series, bool LastIsSoFar, Func<double, string> Write)
{
    private const int MostLabels = 12;

    private static readonly double[] Round = [1, 2, 3, 4, 6, 8, 10];

    /// <summary>The round number the axis ends with.</summary>
    public double Top { get; } = NiceTop(Series);

    public IEnumerable<double> Ticks => IsWhole(Series) && Top < 4 ? Enumerable.Range(0, (int)Top + 1).Select(t => (double)t) : [0, Top / 2, Top];

    /// <summary>Whether any value may still grow.</summary>
    public bool HasImmature => Points.Any(p => p.IsImmature) || Series.Any(s => s.ImmatureFrom < Points.Count);

    /// <summary>The share of the axis a value takes, from 0 to 1.</summary>
    public double Height(double value) => Math.Clamp(value / Top, 0, 1);

    public bool IsSoFar(int point) => LastIsSoFar && point == Points.Count - 1;

    /// <summary>Whether the value may still grow: hatched in bars, dashed in lines.</summary>
    public bool IsImmature(ChartLine line, int point) => Points[point].IsImmature || line.ImmatureFrom <= point;

    public bool IsImmature(int point) => Points[point].IsImmature || (Series.Count > 0 && Series.All(s => s.ImmatureFrom <= point));

    public string Value(ChartLine line, int point) => line.Values[point] is { } value ? Write(value) : "–";

    /// <summary>The point's name with what is special about it.</summary>
    public string Name(int point) => Points[point].Label + (IsSoFar(point) ? ", so far" : IsImmature(point) ? ", may still grow" : "") + (Points[point].Mark is { } mark ? $" ({mark})" : "");

    public string Hover(int point) => $"{Name(point)}\n" + string.Join('\n', Series.Select(s =>
        $"{s.Name} {Value(s, point)}{(IsImmature(s, point) && !IsImmature(point) && s.Values[point] is not null ? ", may still grow" : "")}"));

    /// <summary>The points whose names stand below: all of a few, five of many, the last one always.</summary>
    /// <param name="few">Whether up to twelve may all be named.</param>
    public IEnumerable<int> Labelled(bool few)
    {
        var step = few && Points.Count <= MostLabels ? 1 : Math.Max(1, (int)Math.Ceiling(Points.Count / 5.0));
        for (var i = Points.Count - 1; i >= 0; i -= step)
        {
            yield return i;
        }
    }

    /// <summary>The parts of a line between its gaps; what may still grow is dashed and begins at the last sure point.</summary>
    public IEnumerable<(int From, int To, bool Dashed)> Runs(ChartLine line)
    {
        var from = 0;
        while (from < Points.Count)
        {
            if (line.Values[from] is null)
            {
                from++;
                continue;
            }

            var dashed = IsOpen(line, from);
            var to = from + 1;
            while (to < Points.Count && line.Values[to] is not null && IsOpen(line, to) == dashed)
            {
                to++;
            }

            yield return (dashed && from > 0 && line.Values[from - 1] is not null ? from - 1 : from, to, dashed);
            from = to;
        }
    }

    private bool IsOpen(ChartLine line, int point) => IsSoFar(point) || IsImmature(line, point);

    private static bool IsWhole(IEnumerable<ChartLine> series) => series.SelectMany(s => s.Values).All(v => v is null || v == Math.Floor(v.Value));

    // 1, 2, 3, 4, 6, 8 and 10 times a power of ten, so that the half of a whole number above four is whole too.
    private static double NiceTop(IReadOnlyList<ChartLine> series)
    {
        var most = series.SelectMany(s => s.Values).Max() ?? 0;
        if (most <= 0)
        {
            return 1;
        }

        if (most <= 4 && IsWhole(series))
        {
            return most;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return Round.Select(n => n * power).FirstOrDefault(n => n >= most, most);
    }
}
