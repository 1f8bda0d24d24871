using Microsoft.Extensions.Primitives;

namespace InviteAdmin.Access;

/// <summary>The headers of every answer, public or not, and the check that a circuit's socket is opened by our own pages.</summary>
public static class SecurityHeaders
{
    // The component library sets style attributes; scripts are files of ours and nothing else.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        Write(context);
        if (context.Request.Path.StartsWithSegments("/_blazor") && !IsOurs(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        return next(context);
    });

    /// <summary>Also for an answer that takes the place of one that failed.</summary>
    internal static void Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        }
    }

    // Browsers send Origin with every socket they open; a page of another site must not ride on the cookie.
    private static bool IsOurs(HttpRequest request) =>
        StringValues.IsNullOrEmpty(request.Headers.Origin)
        || (Uri.TryCreate(request.Headers.Origin, UriKind.Absolute, out var origin)
            && string.Equals(origin.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
}
