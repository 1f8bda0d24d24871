using System.Globalization;
using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore;

namespace InviteAdmin.Access;

/// <summary>The theme a person chose, kept with their account so that it follows them from browser to browser.</summary>
public sealed class StaffTheme(IDbContextFactory<InviteAdminDb> databases)
{
    public async Task<string?> Of(Actor actor, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var id = Id(actor);
        return await db.Users.Where(u => u.Id == id).Select(u => u.Theme).SingleOrDefaultAsync(cancel);
    }

    public async Task Choose(Actor actor, string theme, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var id = Id(actor);
        await db.Users.Where(u => u.Id == id).ExecuteUpdateAsync(u => u.SetProperty(x => x.Theme, theme), cancel);
    }

    private static long Id(Actor actor) => long.TryParse(actor.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1;
}
