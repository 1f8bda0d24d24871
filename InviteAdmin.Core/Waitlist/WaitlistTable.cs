using InviteAdmin.Invites;

namespace InviteAdmin.Waitlist;

/// <summary>The orders the table offers; each follows an index.</summary>
public enum WaitlistSort
{
    Rank,
    Newest,
    Oldest,
    Invited,
    Registered,
}

/// <summary>Which entries to show.</summary>
/// <param name="Status">One status, or all.</param>
/// <param name="Source">A source's name, or <see cref="Direct"/>, or all.</param>
/// <param name="Search">A whole email, or a part of an email or name.</param>
/// <param name="Held">Only those that releases pass by.</param>
public sealed record WaitlistFilter(EntryStatus? Status = null, string? Source = null, string? Search = null, bool Held = false)
{
    /// <summary>The name of having no source.</summary>
    public const string Direct = "Direct";
}

/// <summary>One entry in the table.</summary>
public sealed record WaitlistRow(
    string Id, string Email, string Name, EntryStatus Status, string? Hold, long? Rank, long Position, int Points, string? Source, string? ReferredBy, string? ReferredById,
    long Brought, DateTimeOffset JoinedAt, DateTimeOffset? InvitedAt, DateTimeOffset? RegisteredAt, string? ReferredByEmail);

/// <summary>A page of the table. <c>More</c> says that a search was counted only as far as <see cref="MostCounted"/>.</summary>
public sealed record WaitlistRows(IReadOnlyList<WaitlistRow> Rows, long Total, bool More)
{
    /// <summary>A search is counted up to here: nobody pages further, and counting all would read the whole list.</summary>
    public const int MostCounted = 1_000;
}

/// <summary>What a person's panel shows beside the row.</summary>
public sealed record WaitlistPerson(WaitlistRow Row, string Why, string ReferralLink, string? HoldReason, string? DeclineReason, int? Cohort, GivenCode? Code);
