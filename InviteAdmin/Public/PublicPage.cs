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

    public static IResult Missing() => Notice("There is no such page", "Check the address, or go to the start.", StatusCodes.Status404NotFound);

    /// <summary>A page that says what happened and what to do.</summary>
    public static IResult Notice(string heading, string sentence, int status, string action = "Join the waitlist", string link = "/waitlist") =>
        Show<NoticePage>(new { Heading = heading, Sentence = sentence, Action = action, Link = link }, status);

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
            httpContext.Response.Headers.Location = Path;
            return Task.CompletedTask;
        }
    }
}
