using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Hosting;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Access;

/// <summary>Sign-in by email and password; a static page, so that a stranger never has a circuit.</summary>
public sealed partial class SignIn
{
    private string? _why;

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
        StaffUser? user;
        try
        {
            user = await Passwords.SignIn(Email, Password);
        }
        catch (Exception away) when (Absence.MayPass(away))
        {
            _why = "The database does not answer, so nobody can be signed in. Try again in a moment.";
            Http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            Http.Response.Headers.RetryAfter = RequestTime.RetrySeconds;
            return;
        }

        if (user is null)
        {
            _why = PasswordCheck.Refusal;
            Http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        StaffLook.Remember(Http, user);
        // See other: a plain redirect, whatever happens to the page that is being rendered.
        Http.Response.Redirect(PasswordCheck.LocalOnly(PostedReturnUrl));
    }
}
