using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace InviteAdmin.Access;

/// <summary>The one place where a signed-in person becomes the <see cref="Actor"/> that use cases ask.</summary>
public sealed class SignedInStaff(AuthenticationStateProvider authentication)
{
    /// <summary>The claim that carries the name shown to colleagues.</summary>
    public const string NameClaim = "display_name";

    /// <summary>Whoever looks at this circuit or request now; nobody, with no permission, when the session has ended.</summary>
    public async Task<Actor> Actor() => Of((await authentication.GetAuthenticationStateAsync()).User);

    public static Actor Of(ClaimsPrincipal user) => user.Identity?.IsAuthenticated == true
        ? Access.Actor.Staff(Id(user), user.FindFirstValue(NameClaim) ?? user.Identity.Name ?? "", Roles(user))
        : Access.Actor.Staff("", "", []);

    public static string Id(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "";

    public static IEnumerable<string> Roles(ClaimsPrincipal user) => user.FindAll(ClaimTypes.Role).Select(c => c.Value);
}
