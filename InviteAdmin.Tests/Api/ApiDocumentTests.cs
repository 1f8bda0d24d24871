using System.Text.Json;
using InviteAdmin.Api;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Api;

[Collection(ApiCollection.Name)]
public sealed class ApiDocumentTests(RunningApp app)
{
    [Fact]
    public async Task Document_EveryRoute_IsListedWithIdSummarySecurityProblemsAndExample()
    {
        using var http = app.NewHttpClient();
        var text = await http.GetStringAsync("/openapi/v1.json");
        var document = JsonDocument.Parse(text).RootElement;
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString());

        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<ApiCall>() is not null)
            .Select(e => (Path: e.RoutePattern.RawText!, Method: e.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0].ToLowerInvariant(), Call: e.Metadata.GetRequiredMetadata<ApiCall>()))
            .ToList();
        Assert.Equal(routes.Count, document.GetProperty("paths").EnumerateObject().Sum(p => p.Value.EnumerateObject().Count()));
        var ids = new HashSet<string>();
        foreach (var (path, method, call) in routes)
        {
            var operation = document.GetProperty("paths").GetProperty(path).GetProperty(method);
            Assert.True(ids.Add(operation.GetProperty("operationId").GetString()!));
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            Assert.Equal(call.Scope is null ? 0 : 1, operation.TryGetProperty("security", out var security) ? security.GetArrayLength() : 0);
            var responses = operation.GetProperty("responses");
            foreach (var slug in call.Problems)
            {
                Assert.True(responses.GetProperty($"{ProblemType.Of(slug).Status}").GetProperty("content").GetProperty("application/problem+json").GetProperty("examples").TryGetProperty(slug, out _), $"{path} {slug}");
            }

            Assert.Contains(responses.EnumerateObject(), r => r.Name[0] == '2' && r.Value.GetProperty("content").EnumerateObject().Any(c => c.Value.TryGetProperty("schema", out _) && c.Value.TryGetProperty("example", out _)));
            Assert.True(call.RequestExample is null || operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").TryGetProperty("example", out _), path);
            if (method == "post") Assert.Contains(operation.GetProperty("parameters").EnumerateArray(), p => p.GetProperty("name").GetString() == "Idempotency-Key");
        }

        AssertReferencesResolve(document, document);
        Assert.Equal(["unconfirmed", "waiting", "invited", "registered", "declined"],
            document.GetProperty("components").GetProperty("schemas").GetProperty("EntryStatus").GetProperty("enum").EnumerateArray().Select(v => v.GetString()));
    }

    [Fact]
    public async Task Reference_EveryOperation_StandsOnThePage()
    {
        using var http = app.NewHttpClient();
        var page = await http.GetStringAsync("/docs/api");
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        foreach (var name in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Where(e => e.Metadata.GetMetadata<ApiCall>() is not null).Select(e => e.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName))
        {
            Assert.Contains($"id=\"{name}\"", page, StringComparison.Ordinal);
        }
    }

    /// <summary>The check of every answer, checked: it finds a status, a type and each kind of wrong field.</summary>
    [Theory]
    [InlineData("POST", "/api/v1/cohorts/co_1/undo", 200, """{"recalled":3}""", null)]
    [InlineData("POST", "/api/v1/cohorts/co_1/undo", 202, """{"recalled":3}""", "answered 202, which is not documented")]
    [InlineData("POST", "/api/v1/cohorts/co_1/undo", 200, """{"recalled":"3"}""", "$.recalled is String and not")]
    [InlineData("POST", "/api/v1/cohorts/co_1/undo", 200, """{"recalled":3,"surprise":1}""", "$.surprise is not documented")]
    [InlineData("POST", "/api/v1/cohorts/co_1/undo", 200, "{}", "$.recalled is missing")]
    [InlineData("GET", "/api/v1/codes/ABCD", 200, """{"code":"A","valid":true,"reason":"lost","kind":"vip","tier":null,"campaign":null,"usesLeft":1,"expiresAt":null}""", "$.reason fits 0 of oneOf")]
    [InlineData("GET", "/api/v1/codes/ABCD", 200, """{"code":"A","valid":true,"reason":null,"kind":"vip","tier":null,"campaign":null,"usesLeft":1,"expiresAt":"tomorrow"}""", "$.expiresAt is no date-time")]
    public void ServedSchema_OfAnAnswer_FindsWhatIsWrong(string method, string path, int status, string body, string? wrong)
    {
        using var answer = new HttpResponseMessage();
        var found = ServedSchema.Of(app).Wrong(method, path, new((System.Net.HttpStatusCode)status, System.Text.Encoding.UTF8.GetBytes(body), "application/json; charset=utf-8", answer.Headers));
        if (wrong is null) Assert.Empty(found);
        else Assert.Contains(wrong, Assert.Single(found), StringComparison.Ordinal);
        Assert.NotEmpty(ServedSchema.Of(app).Wrong(method, path, new((System.Net.HttpStatusCode)status, [], "text/html", answer.Headers)));
    }

    private static void AssertReferencesResolve(JsonElement element, JsonElement document)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) AssertReferencesResolve(item, document);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (property.Name == "$ref")
                {
                    var target = property.Value.GetString()!.Split('/')[1..].Aggregate(document, (at, part) => at.TryGetProperty(part, out var next) ? next : default);
                    Assert.True(target.ValueKind == JsonValueKind.Object, property.Value.GetString());
                }

                AssertReferencesResolve(property.Value, document);
            }
        }
    }
}
