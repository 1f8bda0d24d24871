namespace InviteAdmin.Api;

/// <summary>The HTTP client for calls that leave the building.</summary>
public static class Outward
{
    /// <summary>Its name at the factory; whoever guards addresses puts the guard's handler behind it.</summary>
    public const string Client = "outward";
}
