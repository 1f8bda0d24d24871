using System.Text.Json;
using System.Text.Json.Serialization;
using InviteAdmin.Hosting;
using InviteAdmin.Results;

namespace InviteAdmin.Api;

/// <summary>An RFC 9457 problem as it is sent. <c>Type</c> is the address of a page that explains it.</summary>
public sealed record Problem(
    string Type, string Title, int Status, string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors,
    string RequestId)
{
    public const string MediaType = "application/problem+json";
    /// <summary>The answer to a use case's refusal: the one place where failures meet HTTP.</summary>
    public static IResult Of(Failure failure) => new ProblemAnswer(
        failure.Slug, failure.Detail, (failure as Invalid)?.Fields.ToDictionary(f => f.Key, f => new[] { f.Value }, StringComparer.Ordinal));

    public static IResult Of(string slug, string detail) => new ProblemAnswer(slug, detail, null);

    /// <summary>One field is wrong.</summary>
    public static IResult OfField(string field, string sentence) => Of(new Invalid(field, sentence));

    /// <summary>The slug of a problem that was written before; null when the text is none.</summary>
    internal static string? SlugIn(byte[]? body)
    {
        try
        {
            return body is null ? null : JsonSerializer.Deserialize<Problem>(body, JsonSerializerOptions.Web)?.Type?.Split('/')[^1];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record ProblemAnswer(string Slug, string Detail, IReadOnlyDictionary<string, string[]>? Errors) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var type = ProblemType.Of(Slug);
            var problem = new Problem($"/problems/{type.Slug}", type.Title, type.Status, Detail, Errors, httpContext.TraceIdentifier);
            httpContext.Items[typeof(Problem)] = type.Slug;
            httpContext.Response.StatusCode = type.Status;
            httpContext.Response.ContentType = MediaType;
            if (type.Status == StatusCodes.Status503ServiceUnavailable)
            {
                httpContext.Response.Headers.RetryAfter = RequestTime.RetrySeconds;
            }

            return httpContext.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, JsonSerializerOptions.Web), httpContext.RequestAborted).AsTask();
        }
    }
}
