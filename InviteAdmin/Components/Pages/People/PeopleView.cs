using InviteAdmin.People;

namespace InviteAdmin.Components.Pages.People;

/// <summary>The list of people as its address describes it.</summary>
public sealed record PeopleView
{
    /// <summary>What was searched for.</summary>
    public string? Q { get; init; }

    /// <summary>Looks inside names and emails too.</summary>
    public bool Inside { get; init; }

    public PeopleShow Show { get; init; }

    public string? Tier { get; init; }

    public PeopleSort Sort { get; init; }

    public int Page { get; init; } = 1;

    public PeopleFilter Filter => new(Show, Tier, Q?.Trim() is { Length: > 0 } sought ? sought : null, Inside);

    public bool IsFiltered => Q is not null || Tier is not null;

    /// <summary>Members alone have a counter of whom they brought.</summary>
    public bool MayRankByBrought => (Show == PeopleShow.Registered || Tier is not null) && Q is null;
}
