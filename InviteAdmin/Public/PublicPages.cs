using InviteAdmin.Api;
using InviteAdmin.Brand;
using InviteAdmin.Hosting;

namespace InviteAdmin.Public;

/// <summary>The pages for everybody: join, confirm, status, sign up. Static HTML and plain forms; scripts only add comfort.</summary>
public static class PublicPages
{
    private static readonly string[] Roots = ["/waitlist", "/signup", "/unsubscribe", "/brand", "/problems", "/docs", "/openapi"];

    public static void AddPublicPages(this IServiceCollection services) => services.AddHttpContextAccessor().AddSingleton<SignupTickets>().AddScoped<Words>();

    public static void MapPublicPages(this WebApplication app)
    {
        app.UseWhen(context => Roots.Any(root => context.Request.Path.StartsWithSegments(root)), pages => pages.UseMiddleware<PublicRing>());
        // Forms check their antiforgery token themselves, to answer with a page that keeps what was typed.
        var pages = app.MapGroup("").AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        pages.MapJoinPages();
        pages.MapStatusPages();
        pages.MapSignupPages();
        pages.MapUnsubscribePages();
        pages.MapBrandFiles();
        foreach (var root in (string[])["/waitlist/{**rest}", "/signup/{**rest}", "/unsubscribe/{**rest}", "/brand/{**rest}"])
        {
            pages.MapGet(root, PublicPage.Missing).WithOrder(1);
        }
    }
}

/// <summary>Around every public page: limits by address, and a page instead of a bare error.</summary>
public sealed class PublicRing(RequestDelegate next, RateLimits limits, BrandRules brands, ILogger<PublicRing> log)
{
    public async Task Invoke(HttpContext context)
    {
        // Links to these pages are secrets of the people who got them.
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.Vary = "Accept-Language";
        var partition = RateLimits.PartitionOf(context.Connection.RemoteIpAddress);
        try
        {
            // One-click unsubscriptions of many people come from the few addresses of their mail provider.
            var isForm = HttpMethods.IsPost(context.Request.Method) && !context.Request.Path.StartsWithSegments("/unsubscribe");
            if (!await limits.Take(context, isForm ? RateLimits.Forms : RateLimits.Pages, partition))
            {
                await PublicPage.Notice("TooManyHeading", "TooManyLead", StatusCodes.Status429TooManyRequests, "", context.Response.Headers.RetryAfter).ExecuteAsync(context);
                return;
            }

            await brands.Now(context.RequestAborted);
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
            await PublicPage.Notice("FaultHeading", "FaultLead", StatusCodes.Status500InternalServerError, value: context.TraceIdentifier).ExecuteAsync(context);
        }
    }
}
