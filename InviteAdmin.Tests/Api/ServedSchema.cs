using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

/// <summary>
/// The OpenAPI document as the app serves it, against which every answer that the tests receive is checked: an answer whose status or field is not in the document is
/// wrong. The package of the gallery that reads JSON Schema needs one that is not served, so this reads what our document uses, and Ajv is asked about the document itself.
/// </summary>
public sealed class ServedSchema
{
    private static readonly ConcurrentDictionary<string, bool> Met = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();
    private static ServedSchema? _known;
    private readonly JsonElement _document;
    private readonly (string[] Parts, JsonElement Operations)[] _paths;

    private ServedSchema(JsonElement document)
    {
        _document = document;
        // Where two templates fit, the one with more words of its own is meant.
        _paths = [.. document.GetProperty("paths").EnumerateObject().Select(p => (Parts: p.Name.Split('/'), p.Value)).OrderBy(p => p.Parts.Count(x => x.StartsWith('{')))];
    }

    /// <summary>Which operations and statuses were checked.</summary>
    public static IEnumerable<string> Checked => Met.Keys;

    public JsonElement Document => _document;

    /// <summary>Null until an app was asked for it.</summary>
    public static ServedSchema? Known => _known;

    public static ServedSchema Of(RunningApp app)
    {
        lock (Gate)
        {
            if (_known is null)
            {
                using var http = app.NewHttpClient();
                using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json"));
                _known = new(JsonDocument.Parse(answer.Content.ReadAsStream()).RootElement);
            }

            return _known;
        }
    }

    /// <summary>What is wrong with an answer; empty also for an address the document does not have, which no client would call.</summary>
    public IReadOnlyList<string> Wrong(string method, string path, ApiAnswer answer)
    {
        if (Operation(method, path.Split('?')[0]) is not { } operation)
        {
            return [];
        }

        var name = operation.GetProperty("operationId").GetString();
        var status = ((int)answer.Status).ToString(CultureInfo.InvariantCulture);
        Met.TryAdd($"{name} {status}", true);
        if (!operation.GetProperty("responses").TryGetProperty(status, out var response))
        {
            return [$"{name} answered {status}, which is not documented: {answer.Text}"];
        }

        if (!response.TryGetProperty("content", out var content) || answer.ContentType?.Split(';')[0] is not { } type)
        {
            return response.TryGetProperty("content", out _) ? [$"{name} {status} has no body"] : answer.Body.Length == 0 ? [] : [$"{name} {status} has a body"];
        }

        if (!content.TryGetProperty(type, out var media))
        {
            return [$"{name} {status} is {type}, which is not documented"];
        }

        var wrong = new List<string>();
        if (type.EndsWith("json", StringComparison.Ordinal))
        {
            Check(media.GetProperty("schema"), answer.Json, $"{name} {status} $", wrong);
        }

        return wrong;
    }

    /// <summary>What is wrong with a value of a schema of the document.</summary>
    public IReadOnlyList<string> Wrong(JsonElement schema, JsonElement value)
    {
        var wrong = new List<string>();
        Check(schema, value, "$", wrong);
        return wrong;
    }

    private JsonElement? Operation(string method, string path)
    {
        var parts = path.Split('/');
        foreach (var (template, operations) in _paths)
        {
            if (template.Length == parts.Length && template.Zip(parts).All(p => p.First.StartsWith('{') ? p.Second.Length > 0 : p.First == p.Second) && operations.TryGetProperty(method.ToLowerInvariant(), out var operation))
            {
                return operation;
            }
        }

        return null;
    }

    private void Check(JsonElement schema, JsonElement value, string at, List<string> wrong)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            Check(reference.GetString()!.Split('/')[1..].Aggregate(_document, (from, part) => from.GetProperty(part)), value, at, wrong);
            return;
        }

        foreach (var choice in (string[])["oneOf", "anyOf"])
        {
            if (schema.TryGetProperty(choice, out var choices))
            {
                var fitting = choices.EnumerateArray().Count(c => Wrong(c, value).Count == 0);
                if (choice == "oneOf" ? fitting != 1 : fitting == 0) wrong.Add($"{at} fits {fitting} of {choice}: {value}");
            }
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(t => Is(t, value)))
        {
            wrong.Add($"{at} is {value.ValueKind} and not {type}");
            return;
        }

        if (value.ValueKind == JsonValueKind.Null) return;
        if (schema.TryGetProperty("enum", out var allowed) && allowed.EnumerateArray().All(a => !JsonElement.DeepEquals(a, value))) wrong.Add($"{at} is {value}, none of {allowed}");
        if (schema.TryGetProperty("format", out var format) && value.ValueKind == JsonValueKind.String && !HasFormat(format.GetString()!, value.GetString()!)) wrong.Add($"{at} is no {format}: {value}");
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var (n, item) in value.EnumerateArray().Index()) Check(items, item, $"{at}[{n}]", wrong);
        }

        if (value.ValueKind == JsonValueKind.Object) CheckObject(schema, value, at, wrong);
    }

    // Closed: a field that is not documented is wrong, although the document leaves room for new ones.
    private void CheckObject(JsonElement schema, JsonElement value, string at, List<string> wrong)
    {
        foreach (var needed in schema.TryGetProperty("required", out var required) ? required.EnumerateArray().Select(r => r.GetString()!) : [])
        {
            if (!value.TryGetProperty(needed, out _)) wrong.Add($"{at}.{needed} is missing");
        }

        schema.TryGetProperty("properties", out var properties);
        schema.TryGetProperty("additionalProperties", out var more);
        foreach (var property in value.EnumerateObject())
        {
            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(property.Name, out var known)) Check(known, property.Value, $"{at}.{property.Name}", wrong);
            else if (more.ValueKind == JsonValueKind.Object) Check(more, property.Value, $"{at}.{property.Name}", wrong);
            else if (more.ValueKind != JsonValueKind.True && (properties.ValueKind == JsonValueKind.Object || schema.TryGetProperty("type", out _))) wrong.Add($"{at}.{property.Name} is not documented");
        }
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool Is(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };

    private static bool HasFormat(string format, string text) => format switch
    {
        "date-time" => text.EndsWith('Z') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "email" => text.Contains('@', StringComparison.Ordinal),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        _ => true,
    };
}
