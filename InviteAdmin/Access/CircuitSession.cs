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
        try
        {
            return await IsStillHere(state);
        }
        catch (Exception away) when (Data.Absence.MayPass(away))
        {
            // While the database is away nobody can read or do anything; asked again in half a minute, instead of signing everybody out.
            return true;
        }
    }

    private async Task<bool> IsStillHere(AuthenticationState state)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<StaffUser>>();
        var user = await users.GetUserAsync(state.User);
        return user is not null
            && state.User.FindFirst(options.Value.ClaimsIdentity.SecurityStampClaimType)?.Value == await users.GetSecurityStampAsync(user)
            && (await users.GetRolesAsync(user)).ToHashSet().SetEquals(SignedInStaff.Roles(state.User));
    }
}
