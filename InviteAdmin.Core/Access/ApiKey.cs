namespace InviteAdmin.Access;

/// <summary>A key of the HTTP API, stored as the SHA-256 of its secret.</summary>
public sealed class ApiKey
{
    public long Id { get; set; }

    public required string PublicId { get; set; }

    public required string Name { get; set; }

    public required byte[] SecretHash { get; set; }

    /// <summary>The first characters of the key, to recognise it by.</summary>
    public required string Prefix { get; set; }

    public required string[] Scopes { get; set; }

    public required string CreatedBy { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }
}
