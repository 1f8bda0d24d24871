using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Components.Shared;
using InviteAdmin.Invites;
using InviteAdmin.Outbox;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>What the open part of the settings shows; the others are null.</summary>
public sealed record SettingsFacts(
    IReadOnlyList<SourceRow>? Sources = null, IReadOnlyList<MilestoneRow>? Milestones = null, LifetimeFacts? Lifetimes = null, PlanFacts? Plan = null, IReadOnlyList<StaffRow>? Team = null,
    PointRuleFacts? Points = null, PointsTrial? Trial = null, BrandFacts? Brand = null, StaffChatFacts? Alerts = null);

/// <summary>Sources, points, milestones, lifetimes, capacity and zone, the brand, who is told of trouble, and the team.</summary>
public sealed partial class SettingsPage : DashboardPage<SettingsView>
{
    private PointValues? _tried;
    private PointsTrial? _trial;

    [PersistentState]
    public SettingsFacts? Facts { get; set; }

    protected override bool HasData => Facts is not null;

    // Capacity and zone are the plan's, and whoever may change the plan may change them here. What the public sees belongs to who invites it.
    private Permission Needed => View.Section is SettingsSection.Plan or SettingsSection.Brand ? Permission.Release : Permission.Administer;

    private PointValues? Tried => View is { Arrived: { } arrived, Brought: { } brought } ? new(arrived, brought) : null;

    private string Policy => Needed.ToString();

    protected override async Task Load(CancellationToken cancel) => Facts = View.Section switch
    {
        SettingsSection.Milestones => new(Milestones: await AsStaff.Read<MilestoneQueries, IReadOnlyList<MilestoneRow>>(q => q.All(cancel))),
        SettingsSection.Lifetimes => new(Lifetimes: await AsStaff.Read<ChangeLifetimes, LifetimeFacts>(q => q.Read(cancel))),
        SettingsSection.Plan => new(Plan: await AsStaff.Read<PlanQueries, PlanFacts>(q => q.Current(cancel))),
        SettingsSection.Brand => new(Brand: await AsStaff.Read<ChangeBrand, BrandFacts>(q => q.Read(cancel))),
        SettingsSection.Alerts => new(Alerts: await AsStaff.Read<StaffChat, StaffChatFacts>(q => q.Read(cancel))),
        SettingsSection.Team => new(Team: await AsStaff.Read<StaffQueries, IReadOnlyList<StaffRow>>(q => q.All(cancel))),
        SettingsSection.Points => new(
            Points: await AsStaff.Read<ChangePointRules, PointRuleFacts>(q => q.Read(cancel)), Sources: await AsStaff.Read<SourceQueries, IReadOnlyList<SourceRow>>(q => q.All(cancel)), Trial: await Trial(cancel)),
        _ => new(Sources: await AsStaff.Read<SourceQueries, IReadOnlyList<SourceRow>>(q => q.All(cancel))),
    };

    // Made when it is asked for, and not again with every number that ticks elsewhere.
    private async Task<PointsTrial?> Trial(CancellationToken cancel)
    {
        if (Tried is not { } tried || _tried != tried)
        {
            _tried = null;
        }

        if (Tried is { } asked && _tried is null)
        {
            var outcome = await AsStaff.Ask<TryPoints, Outcome<PointsTrial>>((x, actor) => x.One(actor, new(asked.ArrivedPoints, asked.BroughtPoints), cancel));
            (_tried, _trial) = (asked, outcome.Value);
        }

        return _tried is null ? null : _trial;
    }

    private async Task Try(PointValues wanted)
    {
        // Asked again, it is made again.
        _tried = null;
        if (wanted == Tried)
        {
            await Reload();
        }
        else
        {
            Go(View with { Arrived = wanted.ArrivedPoints, Brought = wanted.BroughtPoints });
        }
    }

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
        if (View.Edit is not null || View.Refused is not null || Tried is not null)
        {
            Go(View with { Edit = null, Refused = null, Arrived = null, Brought = null });
        }

        await Reload();
    }
}
