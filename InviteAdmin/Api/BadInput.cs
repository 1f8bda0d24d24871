using System.Reflection;
using System.Text.Json;
using InviteAdmin.People;
using Microsoft.AspNetCore.Http.Metadata;

namespace InviteAdmin.Api;

/// <summary>The innermost ring: requests that cannot be bound to their endpoint are answered with a problem that names the part at fault.</summary>
public sealed class BadInput(RequestDelegate next)
{
    private const int LongestRouteValue = 200;

    public async Task Invoke(HttpContext context)
    {
        // Ids, codes and tokens are short plain text; anything else names nothing.
        if (context.Request.RouteValues.Values.Any(v => v is string text && (text.Length > LongestRouteValue || !PlainText.IsClean(text))))
        {
            await Problem.Of("not-found", "There is nothing at this address.").ExecuteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        catch (BadHttpRequestException bad)
        {
            await Answer(bad, context.GetEndpoint()).ExecuteAsync(context);
        }
    }

    public static IResult Answer(BadHttpRequestException bad, Endpoint? endpoint) => bad switch
    {
        { StatusCode: 413 } => Problem.Of("body-too-large", "The body may have at most 64 KB."),
        { StatusCode: 415 } => Problem.Of("unsupported-media-type", "The body must be sent as application/json."),
        { InnerException: JsonException json } => Answer(json, endpoint),
        { InnerException: null } when bad.Message.Contains("body", StringComparison.OrdinalIgnoreCase) => Problem.Of("malformed-json", "The body is empty: send one JSON object."),
        { InnerException: null } when Parameter(bad.Message) is { } name => Problem.OfField(name, $"{Label(name)} has the wrong type or is out of range."),
        { InnerException: IOException } => Problem.Of("bad-request", "The body ended before it was complete."),
        _ => Problem.Of("malformed-json", "The body cannot be read as JSON in UTF-8."),
    };

    // Text that is JSON but does not fit names its field; the reader's own errors come as an inner JsonException.
    private static IResult Answer(JsonException json, Endpoint? endpoint)
    {
        var field = json.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) && PlainText.IsClean(path) ? path[2..] : null;
        if (IsMalformed(json) || field is null || field.Length > 100)
        {
            return Problem.Of("malformed-json", json.LineNumber is { } line
                ? $"The body is not one JSON object in UTF-8: line {line + 1}, byte {(json.BytePositionInLine ?? 0) + 1}."
                : "The body is not one JSON object in UTF-8.");
        }

        return Problem.OfField(field, $"{Label(field)} must be {Expected(endpoint, field)}.");
    }

    private static bool IsMalformed(JsonException json) => json.InnerException is JsonException
        || json.InnerException?.Message.Contains("UTF-8", StringComparison.Ordinal) == true
        || json.Message.StartsWith("Duplicate", StringComparison.Ordinal);

    private static string Expected(Endpoint? endpoint, string field)
    {
        var type = endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        foreach (var step in field.Split('.'))
        {
            type = type?.GetProperty(step.Split('[')[0], BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)?.PropertyType;
            type = step.Contains('[', StringComparison.Ordinal) ? type?.GetGenericArguments().FirstOrDefault() : type;
        }

        return type is null ? "of another type" : Words(Nullable.GetUnderlyingType(type) ?? type);
    }

    private static string Words(Type type) =>
        type == typeof(string) ? "text in well-formed Unicode"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number within range"
        : type == typeof(double) ? "a number"
        : type == typeof(DateTimeOffset) ? "a time in ISO 8601, like 2026-11-22T09:30:00Z"
        : typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? "a list"
        : "an object";

    // Failed to bind parameter "Nullable<int> limit" from "x".
    private static string? Parameter(string message)
    {
        var parts = message.Split('"');
        return parts.Length > 1 ? parts[1].Split(' ')[^1] : null;
    }

    private static string Label(string field) => char.ToUpperInvariant(field[0]) + field[1..];
}
