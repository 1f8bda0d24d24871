using InviteAdmin.Results;

namespace InviteAdmin.Access;

/// <summary>Who asks: a staff member, an API key, a stranger on a public page, or the product itself (jobs, the console).</summary>
/// <param name="Kind">staff, key, public or system; stored with every audit row.</param>
/// <param name="Id">Stable id: the staff user's id or the key's public id.</param>
/// <param name="Name">What an audit row and a cohort show.</param>
public sealed record Actor(string Kind, string Id, string Name, IReadOnlySet<Permission> May)
{
    public static readonly Actor System = new("system", "system", "InviteAdmin", Enum.GetValues<Permission>().ToHashSet());

    public static readonly Actor Public = new("public", "public", "Public page", new HashSet<Permission> { Permission.Join, Permission.Redeem });

    public static Actor Staff(string id, string name, IEnumerable<string> roles) =>
        new("staff", id, name, roles.SelectMany(Role.Permissions).ToHashSet());

    public static Actor Key(string id, string name, IEnumerable<string> scopes) =>
        new("key", id, name, Scope.Permissions(scopes));

    /// <summary>Null when allowed, otherwise the failure to return.</summary>
    /// <param name="or">Another permission that is enough as well.</param>
    public NotAllowed? Refuse(Permission permission, Permission? or = null) => May.Contains(permission) || (or is { } other && May.Contains(other))
        ? null
        : new NotAllowed(Kind == "key" ? $"an API key whose scopes allow it ({permission})" : $"the role {Role.Having(permission, or)}");
}
