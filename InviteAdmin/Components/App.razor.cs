using Microsoft.AspNetCore.Components;
using static Microsoft.AspNetCore.Components.Web.RenderMode;

namespace InviteAdmin.Components;

/// <summary>The document of every page. Only the dashboard gets a circuit, scripts and the component library; public pages are plain HTML.</summary>
public sealed partial class App
{
    [CascadingParameter]
    public required HttpContext Http { get; init; }

    private bool IsDashboard => Http.Request.Path.StartsWithSegments("/admin");

    private IComponentRenderMode? Mode => IsDashboard ? InteractiveServer : null;

    private string Theme => Http.Request.Cookies["theme"] is "light" or "dark" ? Http.Request.Cookies["theme"]! : "system";

    // The ordinary density is none.
    private string? Density => Http.Request.Cookies["density"] is "compact" ? "compact" : null;

    private string Media(string theme) => Theme switch
    {
        "system" => $"(prefers-color-scheme: {theme})",
        var chosen when chosen == theme => "all",
        _ => "not all",
    };
}
