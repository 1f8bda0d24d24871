using InviteAdmin.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace InviteAdmin.Components.Layout;

/// <summary>Who is signed in, the look that follows them, and the way out.</summary>
public sealed partial class ProfileMenu
{
    private Actor _actor = SignedInStaff.Of(new());
    private string _email = "";
    private string _role = "";
    private string _theme = "system";
    private string _density = "comfortable";

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
        await Quietly(async looks =>
        {
            var (theme, density) = await looks.Of(_actor, CancellationToken.None);
            (_theme, _density) = (theme ?? "system", density ?? "comfortable");
        });
    }

    // The script has switched the page already; this makes the choice follow the person.
    private Task ChooseTheme(string theme)
    {
        _theme = theme;
        return Quietly(looks => looks.ChooseTheme(_actor, theme, CancellationToken.None));
    }

    private Task ChooseDensity(string density)
    {
        _density = density;
        return Quietly(looks => looks.ChooseDensity(_actor, density, CancellationToken.None));
    }

    private static string Word(string choice) => char.ToUpperInvariant(choice[0]) + choice[1..];

    // The frame stands outside of what catches faults, and a look is no reason to lose it.
    private async Task Quietly(Func<StaffLook, Task> work)
    {
        try
        {
            await using var scope = Scopes.CreateAsyncScope();
            await work(scope.ServiceProvider.GetRequiredService<StaffLook>());
        }
        catch (Exception away) when (Data.Absence.MayPass(away))
        {
            // This browser keeps its choice in a cookie meanwhile.
        }
    }
}
