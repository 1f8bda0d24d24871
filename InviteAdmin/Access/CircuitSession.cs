using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Access;

/// <summary>Asks every minute whether an open circuit's person may still be here: same security stamp, same roles, not locked out.</summary>
public sealed class CircuitSession(ILoggerFactory loggers, IServiceScopeFactory scopes, IOptions<IdentityOptions> options)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState state, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<StaffUser>>();
        var user = await users.GetUserAsync(state.User);
        return user is not null
            && state.User.FindFirst(options.Value.ClaimsIdentity.SecurityStampClaimType)?.Value == await users.GetSecurityStampAsync(user)
            && (await users.GetRolesAsync(user)).ToHashSet().SetEquals(SignedInStaff.Roles(state.User));
    }
}
