using Microsoft.AspNetCore.Authorization;

namespace InviteAdmin.Access;

/// <summary>One authorization policy per permission, named like it; what names none needs a signed-in staff member.</summary>
public static class Policies
{
    public static void AddStaffPolicies(this IServiceCollection services)
    {
        var policies = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        foreach (var permission in Enum.GetValues<Permission>())
        {
            var roles = Role.All.Where(r => Role.Permissions(r).Contains(permission)).ToArray();
            policies.AddPolicy(permission.ToString(), policy => policy.RequireAuthenticatedUser().RequireRole(roles));
        }
    }
}
