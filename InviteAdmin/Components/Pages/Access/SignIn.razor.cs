using InviteAdmin.Access;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Access;

/// <summary>Sign-in by email and password; a static page, so that a stranger never has a circuit.</summary>
public sealed partial class SignIn
{
    private bool _refused;

    [CascadingParameter]
    public required HttpContext Http { get; init; }

    [Inject]
    public required PasswordCheck Passwords { get; init; }

    [SupplyParameterFromQuery(Name = "returnUrl")]
    public string? ReturnUrl { get; set; }

    [SupplyParameterFromForm(FormName = "sign-in", Name = "returnUrl")]
    public string? PostedReturnUrl { get; set; }

    [SupplyParameterFromForm(FormName = "sign-in", Name = "email")]
    public string? Email { get; set; }

    [SupplyParameterFromForm(FormName = "sign-in", Name = "password")]
    public string? Password { get; set; }

    private async Task Submit()
    {
        if (await Passwords.SignIn(Email, Password) is not { } user)
        {
            _refused = true;
            Http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (user.Theme is "light" or "dark" or "system")
        {
            Http.Response.Cookies.Append("theme", user.Theme, new() { SameSite = SameSiteMode.Lax, Secure = Http.Request.IsHttps, MaxAge = TimeSpan.FromDays(365) });
        }

        // See other: a plain redirect, whatever happens to the page that is being rendered.
        Http.Response.Redirect(PasswordCheck.LocalOnly(PostedReturnUrl));
    }
}
