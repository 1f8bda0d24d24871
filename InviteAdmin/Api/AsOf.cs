using System.Globalization;
using Microsoft.OpenApi;

namespace InviteAdmin.Api;

/// <summary>How fresh a rank or the leaderboard is: a header on the calls that carry this as metadata.</summary>
internal sealed record AsOf
{
    public const string Header = "X-As-Of";

    public static OpenApiHeader Description => new()
    {
        Description = "The time the rank or leaderboard is of, at most five seconds ago. Absent when the answer carries no rank.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
    };

    public static void Say(HttpContext context, DateTimeOffset at) =>
        context.Response.Headers[Header] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
