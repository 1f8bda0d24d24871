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
        await using var scope = Scopes.CreateAsyncScope();
        _theme = await scope.ServiceProvider.GetRequiredService<StaffTheme>().Of(_actor, CancellationToken.None) ?? "system";
    }

    // The script has switched the page already; this makes the choice follow the person.
    private async Task Choose(string theme)
    {
        _theme = theme;
        await using var scope = Scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StaffTheme>().Choose(_actor, theme, CancellationToken.None);
    }
}
