using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace InviteAdmin.Access;

/// <summary>
/// A request's body as it may be kept: its shape, numbers and the few texts that name no person, such as a metric or a day. Every other text is
/// replaced by what it was, in brackets, because it may be an address, a name, a code or a secret, also in a field we do not know.
/// </summary>
public static partial class RedactedBody
{
    /// <summary>Longer ones are told by their length alone.</summary>
    public const int MostBytes = 4 * 1024;

    // Values of ours, none of them a person's.
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase) { "metric", "zone", "sendAt", "days", "approval", "use", "at", "since", "events" };

    /// <summary>Null without a body.</summary>
    /// <param name="length">Bytes of the whole body, of which <paramref name="body"/> may be none.</param>
    public static string? Of(ReadOnlyMemory<byte>? body, long length)
    {
        if (length == 0)
        {
            return null;
        }

        if (body is not { } bytes || bytes.Length != length)
        {
            return Count(length, "bytes");
        }

        try
        {
            using var json = JsonDocument.Parse(bytes);
            var text = new StringBuilder();
            Write(text, json.RootElement, keep: false);
            return text.ToString();
        }
        catch (Exception bad) when (bad is JsonException or InvalidOperationException)
        {
            return $"[not JSON, {length.ToString("N0", CultureInfo.InvariantCulture)} bytes]";
        }
    }

    /// <summary>A header or a part of an address: as it is when it is a plain word, and otherwise what it was.</summary>
    public static string? Plain(string? text) => text is null || PlainWord().IsMatch(text) ? text : Text(text);

    private static void Write(StringBuilder to, JsonElement value, bool keep)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                to.Append('{');
                foreach (var (n, property) in value.EnumerateObject().Index())
                {
                    to.Append(n > 0 ? "," : "").Append(Quote(Plain(property.Name)!)).Append(':');
                    Write(to, property.Value, Kept.Contains(property.Name));
                }

                to.Append('}');
                break;
            case JsonValueKind.Array:
                to.Append('[');
                foreach (var (n, item) in value.EnumerateArray().Index())
                {
                    to.Append(n > 0 ? "," : "");
                    Write(to, item, keep);
                }

                to.Append(']');
                break;
            case JsonValueKind.String:
                var text = value.GetString()!;
                to.Append(Quote(keep && KeptWord().IsMatch(text) ? text : Text(text)));
                break;
            case JsonValueKind.Number when value.GetRawText() is { Length: <= 24 } number:
                to.Append(number);
                break;
            case JsonValueKind.Number:
                to.Append("\"[number]\"");
                break;
            default:
                to.Append(value.GetRawText());
                break;
        }
    }

    private static string Text(string text) => text.Contains('@', StringComparison.Ordinal) ? "[email]" : Count(text.Length, "characters");

    private static string Count(long count, string what) => $"[{count.ToString("N0", CultureInfo.InvariantCulture)} {what}]";

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    // A name, a number, a UUID: what a program makes up, and no address.
    [GeneratedRegex("^[A-Za-z0-9_.:-]{1,100}$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainWord();

    [GeneratedRegex("^[A-Za-z0-9_.:/+-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex KeptWord();
}
