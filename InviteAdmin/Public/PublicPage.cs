using InviteAdmin.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace InviteAdmin.Public;

/// <summary>Answers with a page rendered on the server, once and without a circuit.</summary>
internal static class PublicPage
{
    public static IResult Show<TPage>(object? parameters = null, int status = StatusCodes.Status200OK)
        where TPage : IComponent
    {
        var page = new RazorComponentResult<TPage>(parameters ?? new { }) { StatusCode = status, PreventStreamingRendering = true };
        return status == StatusCodes.Status503ServiceUnavailable ? new Later(page) : page;
    }

    public static IResult Missing() => Notice("MissingHeading", "MissingLead", StatusCodes.Status404NotFound);

    /// <summary>A page that says what happened and what to do. Its words are named by their keys.</summary>
    public static IResult Notice(string heading, string lead, int status, string action = "JoinAction", string? value = null) =>
        Show<NoticePage>(new { Heading = heading, Lead = lead, Action = action, Value = value }, status);

    /// <summary>After a form has done its work: the browser gets a page it may reload.</summary>
    public static IResult SeeOther(string path) => new Elsewhere(path);

    private sealed record Later(IResult Page) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = RequestTime.RetrySeconds;
            return Page.ExecuteAsync(httpContext);
        }
    }

    private sealed record Elsewhere(string Path) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = httpContext.RequestServices.GetRequiredService<Words>().Address(Path);
            return Task.CompletedTask;
        }
    }
}
