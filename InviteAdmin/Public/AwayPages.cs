using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace InviteAdmin.Public;

/// <summary>The page for the time while the database is away: 503 with Retry-After, for strangers in the look of the public pages, for staff in that of the sign-in. It needs no script.</summary>
public static class AwayPages
{
    /// <summary>After how many seconds the page looks again by itself.</summary>
    internal const int ReloadSeconds = 5;

    private static readonly string[] StaffRoots = ["/admin", StaffSignIn.SignInPath, StaffSignIn.SignOutPath];

    public static void UseAwayPages(this WebApplication app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
        }
        catch (Exception fault) when (!context.Response.HasStarted && IsAway(context, fault))
        {
            app.Logger.LogWarning("{Method} {Route} waits for the database: {Reason}", context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, fault.GetType().Name);
            context.BeginAgain();
            await Page(context.Request).ExecuteAsync(context);
        }
    });

    internal static bool IsAway(HttpContext context, Exception fault) => !context.HasLeft() && (context.TookTooLong() || Absence.MayPass(fault));

    private static IResult Page(HttpRequest request)
    {
        var address = request.Path + request.QueryString;
        if (StaffRoots.Any(root => request.Path.StartsWithSegments(root)))
        {
            return PublicPage.Show<StaffAwayPage>(new { Address = HttpMethods.IsGet(request.Method) ? address.ToString() : "/admin", Theme = request.Cookies["theme"] }, StatusCodes.Status503ServiceUnavailable);
        }

        // What was read of the form before the fault goes back into the page, so that sending it again is one click.
        var form = HttpMethods.IsPost(request.Method) ? request.HttpContext.Features.Get<IFormFeature>()?.Form : null;
        return PublicPage.Show<AwayPage>(
            new { Address = HttpMethods.IsGet(request.Method) || form is not null ? address.ToString() : "/waitlist", Fields = form?.ToDictionary(f => f.Key, f => f.Value.ToString()) },
            StatusCodes.Status503ServiceUnavailable);
    }
}
