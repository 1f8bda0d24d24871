using System.Globalization;
using InviteAdmin.Components.Shared;
using InviteAdmin.Insights;
using InviteAdmin.Live;
using InviteAdmin.Rollout;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Insights;

/// <summary>The overview as its address describes it.</summary>
public sealed record OverviewView
{
    public int Days { get; init; } = 14;
}

/// <summary>Everything the overview shows, read together.</summary>
public sealed record OverviewFacts(LaunchNumbers Numbers, string Today, IReadOnlyList<LaunchDay> ByDay, IReadOnlyList<TopReferrer> TopReferrers);

/// <summary>Is the launch healthy, and may I invite more?</summary>
public sealed partial class Overview : DashboardPage<OverviewView>
{
    private static readonly int[] Ranges = [14, 30, 90];

    [PersistentState]
    public OverviewFacts? Facts { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Facts is not null;

    protected override async Task Load(CancellationToken cancel)
    {
        var days = Ranges.Contains(View.Days) ? View.Days : 14;
        var numbers = AsStaff.Read<LaunchQueries, LaunchNumbers>(q => q.Numbers(cancel));
        var byDay = AsStaff.Read<LaunchQueries, IReadOnlyList<LaunchDay>>(q => q.ByDay(days, Zone.Current, cancel));
        var today = await AsStaff.Read<PlanQueries, string>(q => q.TodaysBatch(cancel));
        var referrers = await AsStaff.Read<LaunchQueries, IReadOnlyList<TopReferrer>>(q => q.TopReferrers(5, cancel));
        Facts = new(await numbers, today, await byDay, referrers);
    }

    private static ChartLine[] Lines(IReadOnlyList<LaunchDay> days) =>
    [
        new("Joined", [.. days.Select(d => d.Joined)]),
        new("Invited", [.. days.Select(d => d.Invited)]),
        new("Registered", [.. days.Select(d => d.Registered)]),
    ];

    /// <summary>The last full day against the seven before it; today is not over and says nothing yet.</summary>
    private static string Finding(IReadOnlyList<LaunchDay> days)
    {
        var (yesterday, before) = (days[^2], days.Take(days.Count - 2).TakeLast(7).ToArray());
        var usual = before.Average(d => d.Joined);
        var people = $"{Say.People(yesterday.Joined)} joined yesterday";
        return usual < 1 ? $"{people}." : ((yesterday.Joined - usual) / usual) switch
        {
            > 0.05 and var more => string.Create(CultureInfo.InvariantCulture, $"{people}, {more * 100:0} % more than on a usual day of the week before."),
            < -0.05 and var less => string.Create(CultureInfo.InvariantCulture, $"{people}, {-less * 100:0} % fewer than on a usual day of the week before."),
            _ => $"{people}, as on a usual day of the week before.",
        };
    }
}
