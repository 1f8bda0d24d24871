namespace InviteAdmin.Components.Pages.Outbox;

/// <summary>The suppressions as their address describes them.</summary>
public sealed record SuppressionsView
{
    public string? Reason { get; init; }

    /// <summary>The moment of the last row of the page before, in ticks.</summary>
    public long? Before { get; init; }

    internal DateTimeOffset? Moment => Before is > 0 and <= 3_155_378_975_999_999_999 ? new DateTimeOffset(Before.Value, TimeSpan.Zero) : null;
}
