using InviteAdmin.Access;
using Microsoft.AspNetCore.Http.Timeouts;

namespace InviteAdmin.Hosting;

/// <summary>
/// Bounds how long a request may take, so that one that waits behind others for a database that has gone is answered too. What
/// rightly takes longer (files, a campaign of 100,000 codes) has no such bound or a wider one; sockets of circuits have none.
/// </summary>
public static class RequestTime
{
    /// <summary>The policy of calls that write very much at once.</summary>
    public const string Wide = "wide";

    /// <summary>What a 503 says in <c>Retry-After</c>.</summary>
    public const string RetrySeconds = "2";

    public static void AddRequestTime(this IServiceCollection services, IConfiguration configuration) => services.AddRequestTimeouts(options =>
    {
        var most = configuration.GetValue("Limits:RequestSeconds", 6.0);
        options.DefaultPolicy = new() { Timeout = TimeSpan.FromSeconds(most) };
        options.AddPolicy(Wide, TimeSpan.FromSeconds(Math.Max(most, 60)));
    });

    /// <summary>The bound was reached; whoever asked still waits for an answer.</summary>
    public static bool TookTooLong(this HttpContext context) =>
        context.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true };

    /// <summary>Nobody is there to read an answer.</summary>
    public static bool HasLeft(this HttpContext context) => context.RequestAborted.IsCancellationRequested && !context.TookTooLong();

    /// <summary>Forgets what was to be answered, but not what every answer carries, and lets another be written although the time is over.</summary>
    public static void BeginAgain(this HttpContext context)
    {
        context.Response.Clear();
        SecurityHeaders.Write(context);
        if (context.TookTooLong())
        {
            context.RequestAborted = CancellationToken.None;
        }
    }
}
