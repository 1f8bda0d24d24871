using System.Globalization;
using Microsoft.OpenApi;

namespace InviteAdmin.Api;

/// <summary>How fresh a rank or the leaderboard is: a header on the calls that carry this as metadata.</summary>
internal sealed record AsOf
{
    public const string Header = "X-As-Of";

    public static OpenApiHeader Description => new()
    {
        Description = "The time the rank or leaderboard is of, at most five seconds ago. Absent when the answer carries no rank, and on answers to an Idempotency-Key, which are stored as they were.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
    };

    /// <summary>The answer with the header; without a time, the answer as it is.</summary>
    public static IResult Say(IResult answer, DateTimeOffset? at) => at is { } known ? new Dated(answer, known) : answer;

    private sealed record Dated(IResult Answer, DateTimeOffset At) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[Header] = At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            return Answer.ExecuteAsync(httpContext);
        }
    }
}
