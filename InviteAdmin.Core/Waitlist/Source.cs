namespace InviteAdmin.Waitlist;

/// <summary>A place the company registered that people come from. Its slug is unguessable, because arriving by it is worth points.</summary>
public sealed class Source
{
    public long Id { get; set; }

    public required string Slug { get; set; }

    public required string Name { get; set; }

    public int Points { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
