namespace InviteAdmin.People;

/// <summary>An address that gets no mail and no invitation, kept as a keyed hash (HMAC-SHA-256 of the canonical form).</summary>
public sealed class Suppression
{
    public required byte[] EmailHash { get; set; }

    /// <summary>unsubscribed, bounced, complained, erased or staff.</summary>
    public required string Reason { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
