using System.Globalization;
using System.Text;
using System.Text.Json;

namespace InviteAdmin.Components.Pages.Audit;

/// <summary>One fact that an action changed: what it was, and what it is.</summary>
public sealed record AuditChange(string Field, string? Before, string? After)
{
    /// <summary>The facts of both sides, paired by their names; what is no object is one fact.</summary>
    public static IReadOnlyList<AuditChange> Of(string? before, string? after)
    {
        var (was, now) = (Facts(before), Facts(after));
        return [.. was.Keys.Union(now.Keys, StringComparer.Ordinal).Select(k => new AuditChange(Words(k), was.GetValueOrDefault(k), now.GetValueOrDefault(k))).Where(c => c.Before is not null || c.After is not null)];
    }

    private static Dictionary<string, string?> Facts(string? json)
    {
        if (json is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => Text(p.Value), StringComparer.Ordinal)
            : new(StringComparer.Ordinal) { ["value"] = Text(document.RootElement) };
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Number => value.TryGetInt64(out var number) ? number.ToString("N0", CultureInfo.InvariantCulture) : value.GetRawText(),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
        _ => value.GetRawText(),
    };

    // expiresInDays reads “expires in days”.
    private static string Words(string name)
    {
        var words = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            words.Append(char.IsAsciiLetterUpper(c) && words.Length > 0 ? " " : "").Append(char.ToLowerInvariant(c));
        }

        return words.ToString();
    }
}
