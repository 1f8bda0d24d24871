namespace InviteAdmin.Audit;

/// <summary>Which actions to list.</summary>
/// <param name="Actor">Kind and id with a colon between, as in staff:3 or key:key_….</param>
/// <param name="Target">A person's public id, a code, a cohort's number, or whatever id stands in the record.</param>
/// <param name="From">Not before this moment.</param>
/// <param name="Until">Before this moment.</param>
public sealed record AuditFilter(string? Actor = null, string? Action = null, string? Target = null, DateTimeOffset? From = null, DateTimeOffset? Until = null);

/// <summary>One action: who, what, to what, what it was before and is after, and why.</summary>
/// <param name="Target">What was acted on, as people call it: a name, a code, a cohort.</param>
/// <param name="Href">The page of what was acted on, if it has one.</param>
/// <param name="Before">JSON or null.</param>
/// <param name="After">JSON or null.</param>
public sealed record AuditLine(
    long Id, DateTimeOffset At, string ActorKind, string ActorId, string Actor, string Action, string TargetKind, string TargetId, string Target, string? Href, string? Before, string? After, string? Reason)
{
    /// <summary>What they did, to continue their name: “revoked code ABCD-EFGH-JKMN”.</summary>
    public string Did => AuditWords.Phrase(Action, Target);
}

/// <summary>A page of the record; whether another follows is known without counting them all.</summary>
public sealed record AuditLines(IReadOnlyList<AuditLine> Rows, bool More);

/// <summary>Somebody to filter by.</summary>
public sealed record AuditActor(string Key, string Name);
