namespace InviteAdmin.Rollout;

/// <summary>The people released together.</summary>
public sealed class Cohort
{
    public long Id { get; set; }

    public required string PublicId { get; set; }

    /// <summary>1, 2, 3, …; what people call it.</summary>
    public int Number { get; set; }

    public long? PlanId { get; set; }

    /// <summary>The local date of a daily batch; unique with the plan.</summary>
    public DateOnly? LocalDate { get; set; }

    public int Requested { get; set; }

    public int Invited { get; set; }

    /// <summary>Seats that were free when it was released; null when the plan sets no capacity.</summary>
    public int? FreeSeats { get; set; }

    /// <summary>released, undone or recalled.</summary>
    public required string State { get; set; }

    public string? Note { get; set; }

    public required string CreatedBy { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UndoUntil { get; set; }

    public DateTimeOffset? RecalledAt { get; set; }

    /// <summary>SHA-256 over the ranked list the cohort was taken from.</summary>
    public required string Snapshot { get; set; }

    public bool Demo { get; set; }
}

/// <summary>One person of a cohort, with the rank and points they were picked by.</summary>
public sealed class CohortEntry
{
    public long CohortId { get; set; }

    public long EntryId { get; set; }

    public int Rank { get; set; }

    public int Points { get; set; }

    public long Position { get; set; }
}
