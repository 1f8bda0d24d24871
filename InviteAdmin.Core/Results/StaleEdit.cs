namespace InviteAdmin.Results;

/// <summary>Somebody else saved the same thing after it was read: nothing was changed, and both versions can be shown.</summary>
public sealed record StaleEdit() : Failure("stale-edit", "Somebody else changed this while you were editing. Nothing of yours was saved yet.");
