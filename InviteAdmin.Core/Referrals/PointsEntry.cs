namespace InviteAdmin.Referrals;

/// <summary>One row of the points ledger. A row is never changed; a reversal is a row of its own that points at what it reverses.</summary>
public sealed class PointsEntry
{
    public long Id { get; set; }

    public long EntryId { get; set; }

    /// <summary>arrived (through somebody's link), brought (somebody), source, staff, reversal, or rules (all of them counted again).</summary>
    public required string Kind { get; set; }

    /// <summary>What earned it: the other entry, the source, the staff action, or the change of rules. Unique with entry and kind.</summary>
    public required string Cause { get; set; }

    public int Points { get; set; }

    public long? ReversesId { get; set; }

    public string? Note { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
