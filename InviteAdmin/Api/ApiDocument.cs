using System.Text.Json.Nodes;
using InviteAdmin.Access;
using InviteAdmin.Public;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace InviteAdmin.Api;

/// <summary>The OpenAPI 3.1 document at /openapi/v1.json and the readable page made of it at /docs/api, in every environment.</summary>
internal static class ApiDocument
{
    public const string Name = "v1";
    private const string SecurityScheme = "apiKey";
    private const string Json = "application/json";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = call => call.ActionDescriptor.EndpointMetadata.OfType<ApiCall>().Any();
        options.CreateSchemaReferenceId = ApiSchemas.NameOf;
        options.AddSchemaTransformer(ApiSchemas.Complete);
        options.AddOperationTransformer(Describe);
        options.AddDocumentTransformer(Introduce);
    });

    public static void MapApiDocument(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/docs/api", async ([FromKeyedServices(Name)] IOpenApiDocumentProvider documents, CancellationToken cancel) =>
            PublicPage.Show<ApiReference>(new { Document = await documents.GetOpenApiDocumentAsync(cancel) })).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task Introduce(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        var app = context.ApplicationServices.GetRequiredService<IOptions<AppOptions>>().Value;
        document.Info = new OpenApiInfo
        {
            Title = $"{app.ProductName} waitlist and invites",
            Version = "1",
            Description = "Put people on a waitlist, invite them in rank order, let them sign up with codes and see who brought whom.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers = [new OpenApiServer { Url = app.PublicUrl.Length > 0 ? app.PublicUrl : "/" }];
        ApiParameters.AddTo(document);
        document.AddComponent("Problem", await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancel));
        foreach (var type in ProblemType.All)
        {
            document.AddComponent<IOpenApiExample>(type.Slug, new OpenApiExample { Summary = type.Title, Value = Example(type) });
        }

        document.AddComponent<IOpenApiSecurityScheme>(SecurityScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = $"An API key. Its scopes are some of {string.Join(", ", Access.Scope.All)}.",
        });
    }

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var call = context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiCall>().Single();
        var document = context.Document!;
        operation.Security = call.Scope is { } scope
            ? [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SecurityScheme, document)] = [scope] }]
            : [];
        if (context.Description.HttpMethod == "POST")
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = Replay.Header,
                In = ParameterLocation.Header,
                Description = "The same key and body get the first answer again for 24 hours.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = Replay.MostCharacters },
                Example = JsonValue.Create("3f6c1e52-2b6e-4d0a-9a55-0d1f8f6f7a11"),
            });
        }

        AddExamples(operation, call);
        foreach (var status in call.Problems.Select(ProblemType.Of).GroupBy(t => t.Status).OrderBy(g => g.Key))
        {
            operation.Responses![status.Key.ToString(System.Globalization.CultureInfo.InvariantCulture)] = Refusal(status, document);
        }

        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AsOf>().Any())
        {
            foreach (var response in operation.Responses!.Where(r => r.Key[0] == '2').Select(r => r.Value).OfType<OpenApiResponse>())
            {
                (response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal))[AsOf.Header] = AsOf.Description;
            }
        }

        ApiParameters.Describe(operation, document);
        return Task.CompletedTask;
    }

    private static void AddExamples(OpenApiOperation operation, ApiCall call)
    {
        if (call.RequestExample is { } request && operation.RequestBody?.Content is { } bodies && bodies.TryGetValue(Json, out var body))
        {
            body.Example = JsonNode.Parse(request);
        }

        // The first success is the one the example shows.
        if (call.AnswerExample is { } answer && operation.Responses?.OrderByDescending(r => r.Key, StringComparer.Ordinal).First(r => r.Key[0] == '2').Value.Content is { } content)
        {
            foreach (var (type, media) in content)
            {
                media.Example = type == Json ? JsonNode.Parse(answer) : JsonValue.Create(answer);
            }
        }
    }

    private static OpenApiResponse Refusal(IGrouping<int, ProblemType> types, OpenApiDocument document) => new()
    {
        Description = string.Join(" ", types.Select(t => $"`{t.Slug}`: {t.Title}.")),
        Headers = types.Key is not (429 or 503) ? null : new Dictionary<string, IOpenApiHeader>
        {
            ["Retry-After"] = new OpenApiHeader { Description = "Seconds to wait.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } },
        },
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [Problem.MediaType] = new OpenApiMediaType
            {
                Schema = new OpenApiSchemaReference("Problem", document),
                Examples = types.ToDictionary(t => t.Slug, IOpenApiExample (t) => new OpenApiExampleReference(t.Slug, document), StringComparer.Ordinal),
            },
        },
    };

    private static JsonObject Example(ProblemType type)
    {
        var problem = new JsonObject { ["type"] = $"/problems/{type.Slug}", ["title"] = type.Title, ["status"] = type.Status, ["detail"] = type.WhatToDo };
        if (type.Slug == "validation")
        {
            problem["errors"] = new JsonObject { ["email"] = new JsonArray("Email is not a complete address, like ann@example.com.") };
        }

        problem["requestId"] = "0HNH3B2K9QF4M:00000003";
        return problem;
    }
}
