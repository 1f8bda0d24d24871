using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Access;

/// <summary>Adds the name that colleagues see to what Identity puts into the cookie.</summary>
public sealed class StaffClaims(UserManager<StaffUser> users, RoleManager<IdentityRole<long>> roles, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<StaffUser, IdentityRole<long>>(users, roles, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(StaffUser user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new Claim(SignedInStaff.NameClaim, user.DisplayName));
        return identity;
    }
}
