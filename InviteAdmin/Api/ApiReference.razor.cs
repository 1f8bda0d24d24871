using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Microsoft.OpenApi;

namespace InviteAdmin.Api;

/// <summary>The API reference people read: the OpenAPI document as a page, without scripts.</summary>
public sealed partial class ApiReference
{
    private const string Json = "application/json";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Parameter, EditorRequired]
    public required OpenApiDocument Document { get; set; }

    private IReadOnlyList<IGrouping<string, Call>> Groups { get; set; } = [];

    protected override void OnParametersSet() => Groups =
        [.. (from path in Document.Paths from operation in path.Value.Operations ?? [] select Read(path.Key, operation.Key.Method, operation.Value)).GroupBy(c => c.Tag)];

    private Call Read(string path, string method, OpenApiOperation operation)
    {
        var answer = operation.Responses?.OrderByDescending(r => r.Key, StringComparer.Ordinal).FirstOrDefault(r => r.Key[0] == '2');
        var example = answer?.Value.Content?.Values.FirstOrDefault()?.Example;
        var body = Media(operation.RequestBody?.Content, Json);
        return new Call(
            operation.Tags?.FirstOrDefault()?.Name ?? "", method, path, operation,
            operation.Security?.SelectMany(s => s.Values).SelectMany(s => s).FirstOrDefault(),
            [.. Parameters(operation), .. Fields(body?.Schema)],
            Curl(path, method, operation, body?.Example),
            example is null ? null : (answer!.Value.Key, Text(example)),
            [.. operation.Responses?.Values.SelectMany(r => Media(r.Content, Problem.MediaType)?.Examples?.Keys ?? []) ?? []]);
    }

    private static OpenApiMediaType? Media(IDictionary<string, OpenApiMediaType>? content, string type) =>
        content is not null && content.TryGetValue(type, out var media) ? media : null;

    private static IEnumerable<Field> Parameters(OpenApiOperation operation) =>
        from parameter in operation.Parameters ?? []
        where parameter.In is ParameterLocation.Path or ParameterLocation.Query
        select new Field(parameter.Name ?? "", TypeOf(parameter.Schema), $"{(parameter.In == ParameterLocation.Path ? "In the address." : parameter.Required ? "In the query." : "In the query, optional.")} {parameter.Description}");

    private static IEnumerable<Field> Fields(IOpenApiSchema? schema) =>
        from property in schema?.Properties ?? new Dictionary<string, IOpenApiSchema>() 
        select new Field(property.Key, TypeOf(property.Value), $"{(schema!.Required?.Contains(property.Key) == true ? "" : "Optional. ")}{property.Value.Description}{Values(property.Value)}");

    private static string Values(IOpenApiSchema schema) =>
        (schema.Enum ?? schema.Items?.Enum) is { Count: > 0 } values ? $" One of {string.Join(", ", values.Select(v => v?.ToString()))}." : "";

    private static string Query(OpenApiOperation operation) =>
        string.Join('&', (operation.Parameters ?? []).Where(p => p is { In: ParameterLocation.Query, Required: true }).Select(p => $"{p.Name}={p.Example}")) is { Length: > 0 } query ? $"?{query}" : "";

    private static string TypeOf(IOpenApiSchema? schema) => (schema?.Type & ~JsonSchemaType.Null) switch
    {
        JsonSchemaType.Integer => "whole number",
        JsonSchemaType.Number => "number",
        JsonSchemaType.Boolean => "true or false",
        JsonSchemaType.Array => "list",
        JsonSchemaType.Object => "object",
        _ => "text",
    };

    private string Curl(string path, string method, OpenApiOperation operation, JsonNode? body)
    {
        var server = Document.Servers?.FirstOrDefault()?.Url is { } url && url != "/" ? url.TrimEnd('/') : "https://launch.example.com";
        var lines = new List<string> { $"curl {(method == "GET" ? "" : $"-X {method} ")}'{server}{path}{Query(operation)}'" };
        if (operation.Security?.Count > 0)
        {
            lines.Add("  -H \"Authorization: Bearer $KEY\"");
        }

        if (method == "POST")
        {
            lines.Add($"  -H \"{Replay.Header}: $(uuidgen)\"");
        }

        if (body is not null)
        {
            lines.Add("  -H 'Content-Type: application/json'");
            lines.Add($"  -d '{body.ToJsonString(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })}'");
        }

        return string.Join(" \\\n", lines);
    }

    private static string Text(JsonNode example) => example is JsonValue value && value.TryGetValue<string>(out var plain) ? plain : example.ToJsonString(Indented);

    private sealed record Field(string Name, string Type, string Meaning);

    private sealed record Call(
        string Tag, string Method, string Path, OpenApiOperation Operation, string? Scope, IReadOnlyList<Field> Fields, string Curl,
        (string Status, string Body)? Answer, IReadOnlyList<string> Problems);
}
