using InviteAdmin.Referrals;
using InviteAdmin.Waitlist;

namespace InviteAdmin.People;

/// <summary>A member as their page shows them. <c>CameBy</c> is the kind of the code they used, <c>Campaign</c> its campaign.</summary>
public sealed record MemberFacts(
    string Id, string Email, string Name, string Tier, int Credited, DateTimeOffset RegisteredAt, string CameBy, string? InvitedBy, string? InvitedById, string? Campaign = null, string? CameWith = null)
{
    /// <summary>What staff thanked them with, if that stands.</summary>
    public RewardFacts? Reward { get; init; }
}

/// <summary>A code that was given to a person. State: active, used, expired, lapsed or revoked. <c>RevokedBy</c> is null when a rule took it back.</summary>
public sealed record HeldCode(
    string Code, string Kind, string State, int Used, int MaxUses, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? UsedAt, DateTimeOffset? RevokedAt = null, string? RevokedBy = null,
    string? RevokedReason = null);

/// <summary>One mail to a person, as the outbox has it. <c>At</c> is when it was sent, or else queued; <c>Code</c> is the code it carries.</summary>
public sealed record PersonMail(long Id, string Template, string State, DateTimeOffset At, string? Error, DateTimeOffset DueAt = default, int Attempts = 0, string? Code = null, bool Resent = false);

/// <summary>One row of the points ledger in words. A staff row may be taken back unless it was.</summary>
public sealed record LedgerLine(long Id, DateTimeOffset At, int Points, string What, bool MayTakeBack);

/// <summary>Somebody they brought.</summary>
public sealed record Brought(string Id, string Name, string State);

/// <summary>What a colleague wrote about a person.</summary>
public sealed record PersonNote(long Id, string Text, string AuthorId, string Author, DateTimeOffset At);

/// <summary>What happened to an entry beyond its row.</summary>
/// <param name="By">Who excluded or declined it, from the record of staff actions, and why.</param>
/// <param name="UndoCohort">The release of this person alone that can still be undone.</param>
public sealed record EntryStory(
    int Lapses, DateTimeOffset? ConfirmExpiresAt, DateTimeOffset? DeclinedAt, string? By, string? Why, DateTimeOffset? ByAt, string? UndoCohort = null, DateTimeOffset? UndoUntil = null);

/// <summary>Everything about one person: as an entry, as a member, or as both.</summary>
public sealed record PersonFacts(
    WaitlistPerson? Entry, MemberFacts? Member, IReadOnlyList<HeldCode> Codes, IReadOnlyList<PersonMail> Mails, IReadOnlyList<LedgerLine> Ledger, IReadOnlyList<Brought> Brought)
{
    public string Name => Member?.Name ?? Entry?.Row.Name ?? "";

    public string Email => Member?.Email ?? Entry?.Row.Email ?? "";

    /// <summary>The public id that notes and links use: the member's, or else the entry's.</summary>
    public string Id => Member?.Id ?? Entry?.Row.Id ?? "";

    /// <summary>Null for who was never on the list.</summary>
    public EntryStory? Story { get; init; }

    public IReadOnlyList<PersonNote> Notes { get; init; } = [];
}

/// <summary>Something that fits a search: a person or a code.</summary>
/// <param name="Kind">entry, member or code.</param>
/// <param name="Key">What its page is opened by.</param>
public sealed record Found(string Kind, string Key, string Title, string Detail, string State);
