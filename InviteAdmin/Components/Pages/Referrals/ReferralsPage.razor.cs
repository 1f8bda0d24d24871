using InviteAdmin.Components.Pages.Insights;
using InviteAdmin.Components.Shared;
using InviteAdmin.Insights;
using InviteAdmin.Live;
using InviteAdmin.Referrals;
using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Components.Pages.Referrals;

/// <summary>What the chosen part of the page shows; the others are null.</summary>
public sealed record ReferralsFacts(
    IReadOnlyList<string> Tiers, LeaderRows? Leaders, IReadOnlyList<MilestoneRow>? Milestones, IReadOnlyList<ReachedRow> Reached, bool MoreReached, Counted<IReadOnlyList<ViralWeek>>? Viral);

/// <summary>The leaderboard, the milestones and how far the launch spreads by itself.</summary>
public sealed partial class ReferralsPage : DashboardPage<ReferralsView>
{
    private const int Weeks = 26;
    private static readonly (ReferralsTab Tab, string Name)[] Tabs =
        [(ReferralsTab.Leaderboard, "Leaderboard"), (ReferralsTab.Milestones, "Milestones"), (ReferralsTab.Viral, "Viral coefficient")];

    private RewardDialog? _reward;
    private string? _search;
    private RowNews _news = RowNews.None;

    [PersistentState]
    public ReferralsFacts? Facts { get; set; }

    [Inject]
    public required WorkspaceZone Zone { get; init; }

    protected override bool HasData => Facts is not null;

    private string CsvHref => UrlState<ReferralsView>.Href("/admin/referrals.csv", View with { Page = 1 });

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _search = UrlState<ReferralsView>.Read(new Uri(Navigation.Uri).PathAndQuery).Q;
    }

    protected override async Task Load(CancellationToken cancel)
    {
        var (view, following) = (View, IsFollowing);
        await AsStaff.CountOnce(cancel);
        Facts = view.Tab switch
        {
            ReferralsTab.Milestones => await Milestones(view, cancel),
            ReferralsTab.Viral => new([], null, null, [], false,
                await AsStaff.Read<InsightQueries, Counted<IReadOnlyList<ViralWeek>>>(q => q.Viral(Weeks, Zone.Today, Zone.Current.Id, cancel))),
            _ => await Leaders(view, following, cancel),
        };
        // What somebody is typing is theirs until they search or leave.
        _search = following ? _search : view.Q;
    }

    private async Task<ReferralsFacts> Leaders(ReferralsView view, bool following, CancellationToken cancel)
    {
        var tiers = await AsStaff.Read<LeaderQueries, IReadOnlyList<string>>(q => q.Tiers(cancel));
        var leaders = await AsStaff.Read<LeaderQueries, LeaderRows>(q => q.Page(view.Filter, view.Sort, view.Page, cancel));
        (var held, _news) = following && Facts?.Leaders is { } shown ? RowNews.Hold(shown.Rows, leaders.Rows, r => r.UserId) : (leaders.Rows, RowNews.None);
        return new(tiers, leaders with { Rows = held }, null, [], false, null);
    }

    private async Task<ReferralsFacts> Milestones(ReferralsView view, CancellationToken cancel)
    {
        var rules = await AsStaff.Read<MilestoneQueries, IReadOnlyList<MilestoneRow>>(q => q.All(cancel));
        var (reached, more) = view.Milestone is { } threshold
            ? await AsStaff.Read<LeaderQueries, (IReadOnlyList<ReachedRow>, bool)>(q => q.Reached(threshold, view.Page, cancel)) : ([], false);
        return new([], null, rules, reached, more, null);
    }

    private void Search() => Go(View with { Q = string.IsNullOrWhiteSpace(_search) ? null : _search.Trim(), Page = 1 });

    private void ChooseTier(ChangeEventArgs e) => Go(View with { Tier = e.Value as string is { Length: > 0 } tier ? tier : null, Page = 1 });

    private void ChooseReward(ChangeEventArgs e) => Go(View with { Reward = Enum.TryParse<RewardState>(e.Value as string, true, out var state) ? state : RewardState.Any, Page = 1 });
}
