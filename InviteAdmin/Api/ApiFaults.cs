using InviteAdmin.Data;
using InviteAdmin.Hosting;

namespace InviteAdmin.Api;

/// <summary>The outermost ring around the API: whatever happens inside, the caller gets a problem and no stack trace.</summary>
public sealed class ApiFaults(RequestDelegate next, ILogger<ApiFaults> log)
{
    public async Task Invoke(HttpContext context)
    {
        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        try
        {
            await next(context);
            await Complete(context);
        }
        catch (Exception) when (context.HasLeft())
        {
            // Nobody is there to read an answer.
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            context.BeginAgain();
            context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
            await BadInput.Answer(bad, context.GetEndpoint()).ExecuteAsync(context);
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            var passing = context.TookTooLong() || Absence.MayPass(fault);
            log.Log(passing ? LogLevel.Warning : LogLevel.Error, fault, "{Method} {Route} failed, request {RequestId}", context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, context.TraceIdentifier);
            context.BeginAgain();
            context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;

            await (passing
                ? Problem.Of("unavailable", "The database does not answer at this moment. Send the same request again, with its Idempotency-Key, after the seconds in Retry-After.")
                : Problem.Of("internal", "Something went wrong on our side. Nothing was changed.")).ExecuteAsync(context);
        }
    }

    // A bare status from the framework gets its problem too.
    private static Task Complete(HttpContext context) =>
        context.Response is { HasStarted: false, ContentType: null, ContentLength: null, StatusCode: >= 400 and var status }
            ? Bare(status).ExecuteAsync(context)
            : Task.CompletedTask;

    private static IResult Bare(int status) => status switch
    {
        404 => Problem.Of("not-found", "There is nothing at this address."),
        405 => Problem.Of("method-not-allowed", "This address does not take the method."),
        413 => Problem.Of("body-too-large", "The body may have at most 64 KB."),
        415 => Problem.Of("unsupported-media-type", "The body must be sent as application/json."),
        >= 500 => Problem.Of("internal", "Something went wrong on our side."),
        _ => Problem.Of("bad-request", "The request cannot be understood."),
    };
}
