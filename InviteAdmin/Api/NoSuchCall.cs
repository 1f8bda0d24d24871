using Microsoft.AspNetCore.Routing.Template;

namespace InviteAdmin.Api;

/// <summary>
/// Answers what no route takes: 405 when another method would fit the address, 415 when another body would, else 404. A route
/// of its own, because the framework's answers to these carry no problem and would meet the dashboard's sign-in first.
/// </summary>
internal static class NoSuchCall
{
    public static void MapNoSuchCall(this WebApplication app) =>
        app.Map("/api/{**rest}", (HttpContext context, EndpointDataSource endpoints) => Answer(context, endpoints)).AllowAnonymous().ExcludeFromDescription();

    private static IResult Answer(HttpContext context, EndpointDataSource endpoints)
    {
        var methods = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<ApiCall>() is not null && Fits(e, context.Request.Path))
            .SelectMany(e => e.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (methods.Length == 0)
        {
            return Problem.Of("not-found", "There is no call at this address.");
        }

        if (methods.Contains(context.Request.Method, StringComparer.OrdinalIgnoreCase))
        {
            return Problem.Of("unsupported-media-type", "The body must be sent as application/json.");
        }

        context.Response.Headers.Allow = string.Join(", ", methods);
        return Problem.Of("method-not-allowed", $"This address takes {string.Join(" and ", methods)}.");
    }

    private static bool Fits(RouteEndpoint endpoint, PathString path) =>
        new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), []).TryMatch(path, []);
}
