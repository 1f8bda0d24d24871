using System.Globalization;

namespace InviteAdmin.Components.Shared;

/// <summary>
/// Writes CSV (RFC 4180) that spreadsheets show as text: a value that would start a formula gets an apostrophe in front
/// (OWASP, “CSV Injection”).
/// </summary>
public static class CsvText
{
    public static string Line(params string?[] values) => string.Join(',', values.Select(Field));

    public static string? Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Field(string? value)
    {
        var text = value ?? "";
        if (text.Length > 0 && (text[0] is '=' or '+' or '-' or '@' or '\t' or '\r') && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            text = "'" + text;
        }

        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
