using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Referrals;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>What the open part of the settings shows; the others are null.</summary>
public sealed record SettingsFacts(
    IReadOnlyList<SourceRow>? Sources = null, IReadOnlyList<MilestoneRow>? Milestones = null, LifetimeFacts? Lifetimes = null, PlanFacts? Plan = null, IReadOnlyList<StaffRow>? Team = null);

/// <summary>Sources, milestones, lifetimes, capacity and zone, and the team.</summary>
public sealed partial class SettingsPage : DashboardPage<SettingsView>
{
    [PersistentState]
    public SettingsFacts? Facts { get; set; }

    protected override bool HasData => Facts is not null;

    // Capacity and zone are the plan's, and whoever may change the plan may change them here.
    private Permission Needed => View.Section == SettingsSection.Plan ? Permission.Release : Permission.Administer;

    private string Policy => Needed.ToString();

    protected override async Task Load(CancellationToken cancel) => Facts = View.Section switch
    {
        SettingsSection.Milestones => new(Milestones: await AsStaff.Read<MilestoneQueries, IReadOnlyList<MilestoneRow>>(q => q.All(cancel))),
        SettingsSection.Lifetimes => new(Lifetimes: await AsStaff.Read<ChangeLifetimes, LifetimeFacts>(q => q.Read(cancel))),
        SettingsSection.Plan => new(Plan: await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(cancel))),
        SettingsSection.Team => new(Team: await AsStaff.Read<StaffQueries, IReadOnlyList<StaffRow>>(q => q.All(cancel))),
        _ => new(Sources: await AsStaff.Read<SourceQueries, IReadOnlyList<SourceRow>>(q => q.All(cancel))),
    };

    private static string Title(SettingsSection section) => section switch
    {
        SettingsSection.Lifetimes => "Invitations",
        SettingsSection.Plan => "Capacity and zone",
        var other => other.ToString(),
    };

    /// <summary>The address with this row's form open; null closes it.</summary>
    private string Edit(long? id) => Href(View with { Edit = id });

    private async Task Saved(string sentence)
    {
        Notices.Say(sentence);
        if (View.Edit is not null)
        {
            Go(View with { Edit = null });
        }

        await Reload();
    }
}
