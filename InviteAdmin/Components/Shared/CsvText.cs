using System.Globalization;
using System.Text;

namespace InviteAdmin.Components.Shared;

/// <summary>
/// Writes CSV (RFC 4180) that spreadsheets show as text: a value that would start a formula gets an apostrophe in front
/// (OWASP, “CSV Injection”).
/// </summary>
public static class CsvText
{
    /// <summary>Begins a download; what is written streams to the browser, in UTF-8 with a mark that spreadsheets look for.</summary>
    public static StreamWriter Begin(HttpContext context, string name)
    {
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename={name}";
        context.Response.Headers.CacheControl = "no-store";
        return new StreamWriter(context.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), 64 * 1024) { NewLine = "\r\n" };
    }

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
