using InviteAdmin.Public;

namespace InviteAdmin.Api;

/// <summary>The pages that problem types point at.</summary>
internal static class ProblemPages
{
    public static void MapProblemPages(this WebApplication app)
    {
        app.MapGet("/problems", () => PublicPage.Show<ProblemIndex>()).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/problems/{slug}", (string slug) => ProblemType.Find(slug) is { } type
            ? PublicPage.Show<ProblemPage>(new { Type = type })
            : PublicPage.Missing()).AllowAnonymous().ExcludeFromDescription();
    }
}
