namespace InviteAdmin.Campaigns;

/// <summary>Codes minted together for one purpose.</summary>
public sealed class Campaign
{
    public long Id { get; set; }

    public required string PublicId { get; set; }

    public required string Slug { get; set; }

    public required string Name { get; set; }

    public string? Prefix { get; set; }

    public string? Word { get; set; }

    public string? Tier { get; set; }

    public int Codes { get; set; }

    public int MaxUsesEach { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public required string CreatedBy { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public bool Demo { get; set; }
}
