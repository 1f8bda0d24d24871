using System.Globalization;
using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;

namespace InviteAdmin.Access;

/// <summary>The theme and the density a person chose, kept with their account so that both follow them from browser to browser.</summary>
public sealed class StaffLook(IDbContextFactory<InviteAdminDb> databases)
{
    public static readonly IReadOnlyList<string> Themes = ["light", "dark", "system"];

    public static readonly IReadOnlyList<string> Densities = ["comfortable", "compact"];

    public async Task<(string? Theme, string? Density)> Of(Actor actor, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var id = Id(actor);
        var look = await db.Users.Where(u => u.Id == id).Select(u => new { u.Theme, u.Density }).SingleOrDefaultAsync(cancel);
        return (look?.Theme, look?.Density);
    }

    public Task ChooseTheme(Actor actor, string theme, CancellationToken cancel) => Choose(actor, u => u.SetProperty(x => x.Theme, theme), cancel);

    public Task ChooseDensity(Actor actor, string density, CancellationToken cancel) => Choose(actor, u => u.SetProperty(x => x.Density, density), cancel);

    /// <summary>Puts what was chosen into the browser, so that the first paint has it.</summary>
    public static void Remember(HttpContext http, StaffUser user)
    {
        foreach (var (cookie, chosen, known) in new[] { ("theme", user.Theme, Themes), ("density", user.Density, Densities) })
        {
            if (chosen is not null && known.Contains(chosen))
            {
                http.Response.Cookies.Append(cookie, chosen, new() { SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, MaxAge = TimeSpan.FromDays(365) });
            }
        }
    }

    private async Task Choose(Actor actor, Action<UpdateSettersBuilder<StaffUser>> set, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var id = Id(actor);
        await db.Users.Where(u => u.Id == id).ExecuteUpdateAsync(set, cancel);
    }

    private static long Id(Actor actor) => long.TryParse(actor.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1;
}
