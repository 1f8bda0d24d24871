using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Shared;

/// <summary>One line of a chart: its name and one value per day.</summary>
public sealed record ChartLine(string Name, IReadOnlyList<long> Values);

/// <summary>
/// A chart of days, at most 180 with three lines. Our own SVG, because the library's prerenders empty and its legend is not valid ARIA.
/// The sentence says the finding; the same numbers stand in a table and a file.
/// </summary>
public sealed partial class ChartFigure
{
    private readonly string _id = $"chart-{Guid.NewGuid():N}";
    private bool _table;

    [Parameter, EditorRequired]
    public required string Sentence { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<DateOnly> Days { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ChartLine> Series { get; set; }

    [Parameter]
    public string FileName { get; set; } = "chart";

    /// <summary>The last day is not over: its part of the line is dashed.</summary>
    [Parameter]
    public bool LastIsSoFar { get; set; }

    private long Top => NiceTop(Series.SelectMany(s => s.Values).DefaultIfEmpty(0).Max());

    private IEnumerable<long> Ticks => Top < 4 ? Enumerable.Range(0, (int)Top + 1).Select(t => (long)t) : [0, Top / 2, Top];

    private IEnumerable<int> LabelledDays
    {
        get
        {
            var step = Math.Max(1, (int)Math.Ceiling(Days.Count / 5.0));
            for (var i = Days.Count - 1; i >= 0; i -= step)
            {
                yield return i;
            }
        }
    }

    // Each hover zone is centred on its day's point.
    private string HitsStyle => Days.Count > 1 ? $"margin-inline: {Css(-50.0 / (Days.Count - 1))}%" : "";

    private string Csv
    {
        get
        {
            var text = new StringBuilder("day").AppendJoin("", Series.Select(s => $",{s.Name.ToLowerInvariant()}")).Append('\n');
            for (var i = 0; i < Days.Count; i++)
            {
                text.Append(Days[i].ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
                    .AppendJoin("", Series.Select(s => string.Create(CultureInfo.InvariantCulture, $",{s.Values[i]}"))).Append('\n');
            }

            return "data:text/csv;charset=utf-8," + Uri.EscapeDataString(text.ToString());
        }
    }

    private bool IsSoFar(int day) => LastIsSoFar && day == Days.Count - 1;

    private string Label(int day) => Days[day].ToString("d MMM", CultureInfo.InvariantCulture);

    private string Hover(int day) =>
        $"{Label(day)}{(IsSoFar(day) ? ", so far" : "")}\n" + string.Join('\n', Series.Select(s => $"{s.Name} {Say.Number(s.Values[day])}"));

    private double X(int day) => Days.Count < 2 ? 500 : 1000.0 * day / (Days.Count - 1);

    private double Height(long value) => Top == 0 ? 0 : (double)value / Top;

    private double Y(long value) => 220 * (1 - Height(value));

    private string Points(IReadOnlyList<long> values, int from, int to)
    {
        var points = new StringBuilder();
        for (var i = from; i < to; i++)
        {
            points.Append(Css(X(i))).Append(',').Append(Css(Y(values[i]))).Append(' ');
        }

        return points.ToString();
    }

    // 1, 2, 3, 4, 6, 8 and 10 times a power of ten, so that the half is a whole number too.
    private static long NiceTop(long most)
    {
        if (most <= 4)
        {
            return Math.Max(1, most);
        }

        var power = (long)Math.Pow(10, Math.Floor(Math.Log10(most)));
        return new[] { 1L, 2, 3, 4, 6, 8, 10 }.Select(n => n * power).First(n => n >= most);
    }

    private static string Css(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
