namespace InviteAdmin.Rollout;

/// <summary>Section <c>Rollout</c>.</summary>
public sealed class RolloutOptions
{
    /// <summary>Seconds that a release's mail is held so that it can be undone.</summary>
    public int UndoSeconds { get; set; } = 60;
}
