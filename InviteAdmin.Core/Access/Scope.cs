namespace InviteAdmin.Access;

/// <summary>The scopes an API key can carry and what each allows. <c>manage</c> does not include the others.</summary>
public static class Scope
{
    public const string Join = "join";
    public const string Redeem = "redeem";
    public const string Read = "read";
    public const string Manage = "manage";

    public static readonly IReadOnlyList<string> All = [Join, Redeem, Read, Manage];

    public static IReadOnlySet<Permission> Permissions(IEnumerable<string> scopes) => scopes.SelectMany(Of).ToHashSet();

    private static Permission[] Of(string scope) => scope switch
    {
        Join => [Permission.Join],
        Redeem => [Permission.Redeem],
        Read => [Permission.Read],
        Manage => [Permission.Release, Permission.Mint, Permission.Assist, Permission.Integrate],
        _ => [],
    };
}
