using System.Globalization;
using System.Text.RegularExpressions;

namespace InviteAdmin.Brand;

/// <summary>
/// A company's colour and those derived from it, so that whatever colour is chosen all text can be read: black or white on it, whichever contrasts more, and for
/// text in the colour itself a shade that has the contrast of WCAG 2.2 AA (4.5 to 1) on our light and on our dark pages.
/// Contrast and luminance as w3.org/TR/WCAG22/#dfn-contrast-ratio defines them.
/// </summary>
public sealed partial record BrandColour
{
    /// <summary>The least contrast of text that WCAG 2.2 asks for at level AA.</summary>
    public const double LeastContrast = 4.5;

    // The lighter and the darker of the grounds that text stands on, in wwwroot/public.css and in the widget.
    private static readonly string[] LightGrounds = ["#ffffff", "#f2f5f8"];
    private static readonly string[] DarkGrounds = ["#161d25", "#0e1318"];

    private BrandColour(string fill)
    {
        Fill = fill;
        OnFill = Contrast("#ffffff", fill) >= Contrast("#000000", fill) ? "#ffffff" : "#000000";
        // Away from the text on it, so that its contrast only grows.
        Hover = Mix(fill, OnFill == "#ffffff" ? "#000000" : "#ffffff", 0.18);
        OnLight = Readable(fill, "#000000", LightGrounds);
        OnDark = Readable(fill, "#ffffff", DarkGrounds);
    }

    /// <summary>The colour as it was chosen, as in #1b5fae: of buttons.</summary>
    public string Fill { get; }

    /// <summary>Black or white: text on the colour.</summary>
    public string OnFill { get; }

    /// <summary>The colour of a button under the pointer.</summary>
    public string Hover { get; }

    /// <summary>Text and lines in the colour on light ground.</summary>
    public string OnLight { get; }

    /// <summary>Text and lines in the colour on dark ground.</summary>
    public string OnDark { get; }

    /// <summary>The colour that a text names (#1b5fae, 1b5fae or #15f); null when it names none.</summary>
    public static BrandColour? Of(string? text)
    {
        var digits = text?.Trim().TrimStart('#').ToLowerInvariant() ?? "";
        if (digits.Length == 3)
        {
            digits = string.Concat(digits.Select(c => new string(c, 2)));
        }

        return Digits().IsMatch(digits) ? new($"#{digits}") : null;
    }

    /// <summary>From 1 to 21.</summary>
    public static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static string Readable(string colour, string towards, string[] grounds)
    {
        for (var part = 0.0; part < 1; part += 0.02)
        {
            if (Mix(colour, towards, part) is var shade && grounds.All(g => Contrast(shade, g) >= LeastContrast))
            {
                return shade;
            }
        }

        return towards;
    }

    private static string Mix(string colour, string with, double part) =>
        "#" + string.Concat(Parts(colour).Zip(Parts(with), (a, b) => ((int)Math.Round(a + ((b - a) * part))).ToString("x2", CultureInfo.InvariantCulture)));

    private static double Luminance(string colour)
    {
        var linear = Parts(colour).Select(part => part / 255.0).Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)).ToArray();
        return (0.2126 * linear[0]) + (0.7152 * linear[1]) + (0.0722 * linear[2]);
    }

    private static int[] Parts(string colour) => [.. Enumerable.Range(0, 3).Select(i => int.Parse(colour.AsSpan(1 + (2 * i), 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture))];

    [GeneratedRegex("^[0-9a-f]{6}$", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
