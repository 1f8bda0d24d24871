using InviteAdmin.Api;
using InviteAdmin.Brand;
using InviteAdmin.Data;
using InviteAdmin.Hosting;

namespace InviteAdmin.Public;

/// <summary>Around every call of the widget: who may ask at all, limits by address, and a problem instead of a bare error.</summary>
public sealed class WidgetRing(RequestDelegate next, WidgetOrigins origins, RateLimits limits, BrandRules brands, ILogger<WidgetRing> log)
{
    public async Task Invoke(HttpContext context)
    {
        Write(context);
        try
        {
            // A browser would hide the answer from such a page, but not undo what was asked for.
            if (context.Request.Headers.Origin is [{ } origin] && !origins.Admit(origin))
            {
                await Problem.Of("origin-refused", "This page may not use the widget: its origin does not stand in Widget:Origins.").ExecuteAsync(context);
                return;
            }

            var policy = context.Request.Path.StartsWithSegments($"{WidgetCalls.Root}/join") ? RateLimits.Forms : RateLimits.Pages;
            if (!await limits.Take(context, policy, RateLimits.PartitionOf(context.Connection.RemoteIpAddress)))
            {
                await RateLimits.Refusal(context).ExecuteAsync(context);
                return;
            }

            await brands.Now(context.RequestAborted);
            await next(context);
        }
        catch (Exception) when (context.HasLeft())
        {
            // Nobody is there to read an answer.
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            var passing = context.TookTooLong() || Absence.MayPass(fault);
            log.Log(passing ? LogLevel.Warning : LogLevel.Error, fault, "{Method} {Path} failed, request {RequestId}", context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, context.TraceIdentifier);
            context.BeginAgain();
            Write(context);
            await (passing ? Problem.Of("unavailable", "The database does not answer at this moment. Send the same again in a few seconds.") : Problem.Of("internal", "Something went wrong on our side.")).ExecuteAsync(context);
        }
    }

    private static void Write(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    }
}
