using System.Globalization;
using System.Text;

namespace InviteAdmin.Benchmarks;

/// <summary>Grouped bars as an SVG that reads on light and dark pages.</summary>
internal static class Chart
{
    private const int Left = 70, Top = 64, Plot = 240, Bar = 30, Gap = 28;
    private static readonly string[] Colors = ["#8a94a6", "#2f6fd0", "#2c9a6a"];

    /// <summary>One group per label, one bar per series; values are rates, their ratio to the first series stands above.</summary>
    public static async Task Write(string path, string title, string[] series, IReadOnlyList<(string Label, double[] Values)> groups)
    {
        var most = groups.Max(g => g.Values.Max());
        var step = Math.Pow(10, Math.Floor(Math.Log10(most)));
        var top = Math.Ceiling(most / step) * step;
        var group = (series.Length * Bar) + Gap;
        var width = Left + (groups.Count * group) + 20;
        var svg = new StringBuilder();
        void Add(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {Top + Plot + 44}" font-family="system-ui, sans-serif" font-size="12">""");
        Add($"<style>text {{ fill: #17202c }} .quiet {{ fill: #5a6678 }} line {{ stroke: #c3cad6 }} @media (prefers-color-scheme: dark) {{ text {{ fill: #e6ebf2 }} .quiet {{ fill: #a9b4c4 }} line {{ stroke: #465062 }} }}</style>");
        Add($"""<text x="{Left}" y="22" font-size="15" font-weight="600">{title}</text>""");
        for (var s = 0; s < series.Length; s++)
        {
            Add($"""<rect x="{Left + (s * 150)}" y="34" width="12" height="12" rx="2" fill="{Colors[s]}"/><text x="{Left + 18 + (s * 150)}" y="44">{series[s]}</text>""");
        }

        for (var mark = 0; mark <= 4; mark++)
        {
            var y = Top + Plot - (Plot * mark / 4.0);
            Add($"""<line x1="{Left}" x2="{width - 10}" y1="{y:F0}" y2="{y:F0}"/><text class="quiet" x="{Left - 8}" y="{y + 4:F0}" text-anchor="end">{top * mark / 4:N0}</text>""");
        }

        for (var g = 0; g < groups.Count; g++)
        {
            var x = Left + (Gap / 2) + (g * group);
            for (var s = 0; s < series.Length; s++)
            {
                var height = Plot * groups[g].Values[s] / top;
                Add($"""<rect x="{x + (s * Bar)}" y="{Top + Plot - height:F1}" width="{Bar - 4}" height="{height:F1}" rx="2" fill="{Colors[s]}"/>""");
                if (s > 0) Add($"""<text x="{x + (s * Bar) + ((Bar - 4) / 2)}" y="{Top + Plot - height - 5:F1}" text-anchor="middle" font-size="11">{groups[g].Values[s] / groups[g].Values[0]:F1}×</text>""");
            }

            Add($"""<text class="quiet" x="{x + (group - Gap) / 2}" y="{Top + Plot + 18}" text-anchor="middle">{groups[g].Label}</text>""");
        }

        Add($"""<text class="quiet" x="{Left}" y="{Top + Plot + 38}">callers; committed a second</text>""");
        svg.Append("</svg>\n");
        await File.WriteAllTextAsync(path, svg.ToString());
    }
}
