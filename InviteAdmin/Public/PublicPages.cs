using InviteAdmin.Api;
using InviteAdmin.Hosting;

namespace InviteAdmin.Public;

/// <summary>The pages for everybody: join, confirm, status, sign up. Static HTML and plain forms; scripts only add comfort.</summary>
public static class PublicPages
{
    private static readonly string[] Roots = ["/waitlist", "/signup", "/unsubscribe", "/problems", "/docs", "/openapi"];

    public static void AddPublicPages(this IServiceCollection services) => services.AddHttpContextAccessor().AddSingleton<SignupTickets>();

    public static void MapPublicPages(this WebApplication app)
    {
        app.UseWhen(context => Roots.Any(root => context.Request.Path.StartsWithSegments(root)), pages => pages.UseMiddleware<PublicRing>());
        // Forms check their antiforgery token themselves, to answer with a page that keeps what was typed.
        var pages = app.MapGroup("").AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        pages.MapJoinPages();
        pages.MapStatusPages();
        pages.MapSignupPages();
        pages.MapUnsubscribePages();
        foreach (var root in (string[])["/waitlist/{**rest}", "/signup/{**rest}", "/unsubscribe/{**rest}"])
        {
            pages.MapGet(root, PublicPage.Missing).WithOrder(1);
        }
    }
}

/// <summary>Around every public page: limits by address, and a page instead of a bare error.</summary>
public sealed class PublicRing(RequestDelegate next, RateLimits limits, ILogger<PublicRing> log)
{
    public async Task Invoke(HttpContext context)
    {
        // Links to these pages are secrets of the people who got them.
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        var partition = RateLimits.PartitionOf(context.Connection.RemoteIpAddress);
        try
        {
            // One-click unsubscriptions of many people come from the few addresses of their mail provider.
            var isForm = HttpMethods.IsPost(context.Request.Method) && !context.Request.Path.StartsWithSegments("/unsubscribe");
            if (!await limits.Take(context, isForm ? RateLimits.Forms : RateLimits.Pages, partition))
            {
                await PublicPage.Notice("Too many requests from your network", $"Please wait {context.Response.Headers.RetryAfter} seconds and try again.", StatusCodes.Status429TooManyRequests, "").ExecuteAsync(context);
                return;
            }

            await next(context);
        }
        catch (Exception) when (context.HasLeft())
        {
            // Nobody is there to read an answer.
        }
        catch (Exception fault) when (!context.Response.HasStarted && !AwayPages.IsAway(context, fault))
        {
            log.LogError(fault, "{Method} {Route} failed, request {RequestId}", context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, context.TraceIdentifier);
            context.BeginAgain();
            await PublicPage.Notice(
                "Something went wrong on our side", $"Nothing you sent is lost or half done. Please try again. If it stays, tell us this number: {context.TraceIdentifier}",
                StatusCodes.Status500InternalServerError).ExecuteAsync(context);
        }
    }
}
