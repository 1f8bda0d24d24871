using InviteAdmin.Access;

namespace InviteAdmin.Api;

/// <summary>Who makes this request; filled in before its endpoint runs.</summary>
public sealed class Caller
{
    public Actor Actor { get; set; } = Actor.Public;

    /// <summary>The public id of the API key, or null when the request came without one.</summary>
    public string? KeyId { get; set; }
}
