namespace InviteAdmin.Access;

/// <summary>The five staff roles and what each may do; the API's scopes map to the same permissions.</summary>
public static class Role
{
    public const string Owner = "Owner";
    public const string Growth = "Growth";
    public const string Support = "Support";
    public const string Developer = "Developer";
    public const string Viewer = "Viewer";

    public static readonly IReadOnlyList<string> All = [Owner, Growth, Support, Developer, Viewer];

    public static IReadOnlySet<Permission> Permissions(string role) => role switch
    {
        Owner => Enum.GetValues<Permission>().ToHashSet(),
        Growth => new HashSet<Permission> { Permission.Read, Permission.Release, Permission.Mint, Permission.Assist, Permission.Operate },
        Support => new HashSet<Permission> { Permission.Read, Permission.Assist },
        Developer => new HashSet<Permission> { Permission.Read, Permission.Integrate, Permission.Operate },
        Viewer => new HashSet<Permission> { Permission.Read },
        _ => new HashSet<Permission>(),
    };

    /// <summary>The roles that carry a permission, or another that does as well, for the sentence under a disabled control.</summary>
    public static string Having(Permission permission, Permission? or = null) =>
        string.Join(" or ", All.Where(r => Permissions(r).Contains(permission) || (or is { } other && Permissions(r).Contains(other))));
}
