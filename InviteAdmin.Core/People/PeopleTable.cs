namespace InviteAdmin.People;

/// <summary>The states the list of people can be narrowed to.</summary>
public enum PeopleShow
{
    All,
    Unconfirmed,
    Waiting,
    Invited,
    Registered,
    Declined,
    Held,
}

/// <summary>The orders of the list; each follows an index. <see cref="Brought"/> is for members, who alone have a counter of it.</summary>
public enum PeopleSort
{
    Newest,
    Oldest,
    Brought,
}

/// <summary>Whom to list.</summary>
/// <param name="Tier">A tier lists members only.</param>
/// <param name="Search">An email, a code, an id or a name; see <see cref="Sought"/>.</param>
/// <param name="Inside">Looks for the text anywhere in names and emails, which reads every row.</param>
public sealed record PeopleFilter(PeopleShow Show = PeopleShow.All, string? Tier = null, string? Search = null, bool Inside = false);

/// <summary>One person of the list: a member, or an entry that has not become one.</summary>
/// <param name="Id">The public id that opens their page.</param>
/// <param name="State">A hold, or the entry's status; registered for every member.</param>
/// <param name="Brought">Credited referrals of a member, confirmed friends of an entry.</param>
public sealed record PeopleRow(
    string Id, bool IsMember, string Name, string Email, string State, string? Tier, DateTimeOffset? JoinedAt, DateTimeOffset? InvitedAt, DateTimeOffset? RegisteredAt, long Brought);

/// <summary>A page of people. <c>More</c> says that they were counted only as far as <see cref="MostCounted"/>.</summary>
/// <param name="Exact">The search named one person by email, code or id, and this is the only one.</param>
/// <param name="Code">The code that was searched for, as it is shown.</param>
public sealed record PeopleRows(IReadOnlyList<PeopleRow> Rows, long Total, bool More, bool Exact, string? Code)
{
    /// <summary>Nobody pages past this; a search finds who stands further down.</summary>
    public const int MostCounted = 10_000;
}
