using InviteAdmin.Access;
using InviteAdmin.Api;

namespace InviteAdmin.Components.Pages.Developers;

/// <summary>A request of the log as a command to send it again. What was redacted stands in brackets and is to be filled in; the key is that of the shell.</summary>
public static class CurlText
{
    public static string Of(RequestLine line, string address)
    {
        var lines = new List<string> { $"curl -gsS -X {line.Method} '{address}{Quoted(line.Path)}'" };
        if (line.KeyId is not null)
        {
            lines.Add("  -H \"Authorization: Bearer $KEY\"");
        }

        if (line.IdempotencyKey is { } key)
        {
            lines.Add($"  -H '{Replay.Header}: {Quoted(key)}'");
        }

        if (line.Body is { } body)
        {
            lines.Add("  -H 'Content-Type: application/json'");
            lines.Add($"  -d '{Quoted(body)}'");
        }

        return string.Join(" \\\n", lines);
    }

    private static string Quoted(string text) => text.Replace("'", "'\\''", StringComparison.Ordinal);
}
