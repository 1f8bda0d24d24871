using InviteAdmin.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace InviteAdmin.Components.Layout;

/// <summary>Who is signed in, the theme that follows them, and the way out.</summary>
public sealed partial class ProfileMenu
{
    private static readonly string[] Themes = ["light", "dark", "system"];
    private Actor _actor = SignedInStaff.Of(new());
    private string _email = "";
    private string _role = "";
    private string _theme = "system";

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    [Inject]
    public required IServiceScopeFactory Scopes { get; init; }

    private string Initial => _actor.Name.Length > 0 ? _actor.Name[..1].ToUpperInvariant() : "?";

    protected override async Task OnInitializedAsync()
    {
        var user = (await Authentication).User;
        _actor = SignedInStaff.Of(user);
        _email = user.Identity?.Name ?? "";
        _role = string.Join(", ", SignedInStaff.Roles(user));
        await Quietly(async themes => _theme = await themes.Of(_actor, CancellationToken.None) ?? "system");
    }

    // The script has switched the page already; this makes the choice follow the person.
    private Task Choose(string theme)
    {
        _theme = theme;
        return Quietly(themes => themes.Choose(_actor, theme, CancellationToken.None));
    }

    // The frame stands outside of what catches faults, and a theme is no reason to lose it.
    private async Task Quietly(Func<StaffTheme, Task> work)
    {
        try
        {
            await using var scope = Scopes.CreateAsyncScope();
            await work(scope.ServiceProvider.GetRequiredService<StaffTheme>());
        }
        catch (Exception away) when (Data.Absence.MayPass(away))
        {
            // This browser keeps its choice in a cookie meanwhile.
        }
    }
}
