namespace InviteAdmin.Components.Pages.Jobs;

/// <summary>Which list of the jobs page.</summary>
public enum JobsTab
{
    Schedules,
    Runs,
    Missed,
    Work,
}

/// <summary>The jobs page as its address describes it.</summary>
public sealed record JobsView
{
    public const int MostPages = 2_000;

    private readonly int _page = 1;

    public JobsTab Tab { get; init; }

    public string? Job { get; init; }

    public string? Process { get; init; }

    public string? State { get; init; }

    public bool Failed { get; init; }

    public int Page { get => _page; init => _page = Math.Clamp(value, 1, MostPages); }
}
