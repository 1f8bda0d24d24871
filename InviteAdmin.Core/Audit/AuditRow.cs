namespace InviteAdmin.Audit;

/// <summary>Who did what to what, and why. Append-only: the database refuses UPDATE and DELETE.</summary>
public sealed class AuditRow
{
    public long Id { get; set; }

    public DateTimeOffset At { get; set; }

    public required string ActorKind { get; set; }

    public required string ActorId { get; set; }

    public required string ActorName { get; set; }

    public required string Action { get; set; }

    public required string TargetKind { get; set; }

    public required string TargetId { get; set; }

    /// <summary>JSON or null.</summary>
    public string? Before { get; set; }

    /// <summary>JSON or null.</summary>
    public string? After { get; set; }

    public string? Reason { get; set; }
}
