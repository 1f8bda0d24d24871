using InviteAdmin.Waitlist;

namespace InviteAdmin.People;

/// <summary>A member as their page shows them.</summary>
public sealed record MemberFacts(string Id, string Email, string Name, string Tier, int Credited, DateTimeOffset RegisteredAt, string CameBy, string? InvitedBy, string? InvitedById);

/// <summary>A code that was given to a person. State: active, used, expired, lapsed or revoked.</summary>
public sealed record HeldCode(string Code, string Kind, string State, int Used, int MaxUses, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? UsedAt);

/// <summary>One mail to a person, as the outbox has it.</summary>
public sealed record PersonMail(long Id, string Template, string State, DateTimeOffset At, string? Error);

/// <summary>One row of the points ledger in words.</summary>
public sealed record LedgerLine(DateTimeOffset At, int Points, string What);

/// <summary>Somebody they brought.</summary>
public sealed record Brought(string Id, string Name, string State);

/// <summary>Everything about one person: as an entry, as a member, or as both.</summary>
public sealed record PersonFacts(
    WaitlistPerson? Entry, MemberFacts? Member, IReadOnlyList<HeldCode> Codes, IReadOnlyList<PersonMail> Mails, IReadOnlyList<LedgerLine> Ledger, IReadOnlyList<Brought> Brought)
{
    public string Name => Member?.Name ?? Entry?.Row.Name ?? "";

    public string Email => Member?.Email ?? Entry?.Row.Email ?? "";
}

/// <summary>Something that fits a search: a person or a code.</summary>
/// <param name="Kind">entry, member or code.</param>
/// <param name="Key">What its page is opened by.</param>
public sealed record Found(string Kind, string Key, string Title, string Detail, string State);
