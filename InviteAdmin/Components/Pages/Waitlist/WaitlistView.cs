using InviteAdmin.Waitlist;

namespace InviteAdmin.Components.Pages.Waitlist;

/// <summary>The tabs above the table.</summary>
public enum Show
{
    Waiting,
    Invited,
    Registered,
    Unconfirmed,
    Declined,
    Held,
    All,
}

/// <summary>The waitlist as its address describes it.</summary>
public sealed record WaitlistView
{
    public Show Show { get; init; }

    public string? Source { get; init; }

    /// <summary>What was searched for.</summary>
    public string? Q { get; init; }

    /// <summary>Unset, the tab's own order.</summary>
    public WaitlistSort? Sort { get; init; }

    public int Page { get; init; } = 1;

    /// <summary>The person whose panel is open.</summary>
    public string? Person { get; init; }

    public WaitlistSort Order => Sort ?? Show switch
    {
        Show.Waiting or Show.Held => WaitlistSort.Rank,
        Show.Invited => WaitlistSort.Invited,
        Show.Registered => WaitlistSort.Registered,
        _ => WaitlistSort.Newest,
    };

    public WaitlistFilter Filter => new(
        Show switch
        {
            Show.Waiting or Show.Held => EntryStatus.Waiting,
            Show.Invited => EntryStatus.Invited,
            Show.Registered => EntryStatus.Registered,
            Show.Unconfirmed => EntryStatus.Unconfirmed,
            Show.Declined => EntryStatus.Declined,
            _ => null,
        },
        Source, Q, Show == Show.Held);

    public bool IsFiltered => Source is not null || Q is not null;
}
