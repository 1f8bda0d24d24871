using Microsoft.AspNetCore.Identity;

namespace InviteAdmin.Access;

/// <summary>A person who signs in to the dashboard. Theme and density follow them from browser to browser.</summary>
public sealed class StaffUser : IdentityUser<long>
{
    public required string DisplayName { get; set; }

    public string? Theme { get; set; }

    public string? Density { get; set; }
}
