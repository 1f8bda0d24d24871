using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace InviteAdmin.Api;

/// <summary>What the framework's schemas leave open and a generated client needs: which fields of a request are needed, which of an answer may be absent, and of what type times and enums are.</summary>
internal static class ApiSchemas
{
    public static Task Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var type = context.JsonTypeInfo.Type;
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        if (bare == typeof(DateTimeOffset))
        {
            (schema.Type, schema.Format) = (JsonSchemaType.String | (bare == type ? 0 : JsonSchemaType.Null), "date-time");
        }
        else if (bare.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
        }
        else if (bare == typeof(JsonElement))
        {
            // An object whose fields are not ours to promise.
            (schema.Type, schema.AdditionalProperties) = (JsonSchemaType.Object, new OpenApiSchema());
        }

        if (context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(AllowedValuesAttribute), false) is [AllowedValuesAttribute allowed])
        {
            Allow(schema.Items as OpenApiSchema ?? schema, allowed);
        }

        if (context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object && schema.Properties is not null)
        {
            var isRequest = type.Name.EndsWith("Body", StringComparison.Ordinal) || type.Name.EndsWith("Request", StringComparison.Ordinal);
            foreach (var property in context.JsonTypeInfo.Properties)
            {
                Complete(schema, property, isRequest);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Names as the contract has them: an answer is called what it is an answer about.</summary>
    public static string? NameOf(JsonTypeInfo type) => type.Type == typeof(JsonElement) ? null : type.Type.Name switch
    {
        "PlanRequest" => "Plan",
        "StageRequest" => "Stage",
        "ConditionRequest" => "Condition",
        "SignalRequest" => "SignalBody",
        "MemberCounts" => "Member",
        _ => OpenApiOptions.CreateDefaultSchemaReferenceId(type)?.Replace("Answer", "", StringComparison.Ordinal),
    };

    private static void Complete(OpenApiSchema schema, JsonPropertyInfo property, bool isRequest)
    {
        if (!schema.Properties!.TryGetValue(property.Name, out var found))
        {
            return;
        }

        var needed = property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), false) == true;
        var mayBeAbsent = isRequest ? !needed && found is OpenApiSchema { Type: { } of } && of.HasFlag(JsonSchemaType.Null) : IsLeftOutWhenNull(property);
        if (mayBeAbsent)
        {
            schema.Required?.Remove(property.Name);
        }

        if (found is OpenApiSchema plain)
        {
            // What is needed is no null, and what is left out when it is null never is null.
            if ((needed || (!isRequest && mayBeAbsent)) && plain.Type is { } types)
            {
                plain.Type = types & ~JsonSchemaType.Null;
            }

            if (isRequest)
            {
                // Generators take what has a default for what is always there, and then want it in every request.
                plain.Default = null;
            }

            plain.Format ??= property.Name switch { "email" or "recipient" => "email", _ when property.Name.EndsWith("Link", StringComparison.Ordinal) || property.Name == "link" => "uri", _ => null };
        }
    }

    private static bool IsLeftOutWhenNull(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), false) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }];

    private static void Allow(OpenApiSchema schema, AllowedValuesAttribute allowed) => schema.Enum = [.. allowed.Values.Select(v => (JsonNode)JsonValue.Create((string)v!)!)];
}
