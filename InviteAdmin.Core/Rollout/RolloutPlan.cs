namespace InviteAdmin.Rollout;

/// <summary>The plan in force: one batch every chosen day at a local time in a zone, within a capacity of seats.</summary>
public sealed class RolloutPlan
{
    public long Id { get; set; }

    /// <summary>draft, running, paused or completed.</summary>
    public required string State { get; set; }

    /// <summary>IANA time zone.</summary>
    public required string Zone { get; set; }

    public TimeOnly SendAt { get; set; }

    /// <summary>mon … sun.</summary>
    public required string[] Days { get; set; }

    public int BatchSize { get; set; }

    /// <summary>Seats; null for no limit. Members and outstanding invitations hold seats.</summary>
    public int? Capacity { get; set; }

    public string? PausedBy { get; set; }

    public string? PausedReason { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public bool IsCurrent { get; set; }

    /// <summary>PostgreSQL's row version: an edit by a person names the one it read.</summary>
    public uint Version { get; set; }
}

/// <summary>What was decided for a plan at a moment and from which facts; also when nothing was sent.</summary>
public sealed class RolloutDecision
{
    public long Id { get; set; }

    public long PlanId { get; set; }

    public DateOnly LocalDate { get; set; }

    public DateTimeOffset At { get; set; }

    /// <summary>released, empty, counting, no-capacity, paused, draft, off-day or already-released.</summary>
    public required string Outcome { get; set; }

    public required string Reason { get; set; }

    /// <summary>JSON.</summary>
    public required string Inputs { get; set; }

    public long? CohortId { get; set; }
}
