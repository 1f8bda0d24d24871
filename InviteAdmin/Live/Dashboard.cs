using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Campaigns;
using InviteAdmin.Components;
using InviteAdmin.Components.Pages.Audit;
using InviteAdmin.Components.Pages.Campaigns;
using InviteAdmin.Components.Pages.Insights;
using InviteAdmin.Components.Pages.Referrals;
using InviteAdmin.Components.Pages.Invites;
using InviteAdmin.Components.Pages.People;
using InviteAdmin.Components.Pages.Rollout;
using InviteAdmin.Components.Pages.Waitlist;
using InviteAdmin.Components.Pages.Workspace;
using InviteAdmin.Data;
using InviteAdmin.Insights;
using InviteAdmin.Invites;
using InviteAdmin.Jobs;
using InviteAdmin.People;
using InviteAdmin.Referrals;
using InviteAdmin.Waitlist;
using Radzen;

namespace InviteAdmin.Live;

/// <summary>Everything the dashboard needs, in two lines of <c>Program.cs</c>.</summary>
public static class Dashboard
{
    // A browser hands the prerendered page's state back in one message, and a page of 50 rows is more than the default 32 KB.
    private const int MostMessageBytes = 256 * 1024;

    public static void AddDashboard(this IServiceCollection services)
    {
        services.AddStaffSignIn();
        services.AddRazorComponents().AddInteractiveServerComponents(circuit =>
        {
            circuit.DisconnectedCircuitMaxRetained = 50;
            circuit.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
        }).AddHubOptions(hub => hub.MaximumReceiveMessageSize = MostMessageBytes);
        services.AddRadzenComponents();

        services.AddSingleton<RecentCounts>();
        services.AddSingleton<WaitlistQueries>().AddSingleton<LaunchQueries>().AddSingleton<StatsQueries>();
        services.AddSingleton<PersonQueries>().AddSingleton<CodePageQueries>().AddSingleton<CampaignListQueries>();
        services.AddScoped<JobBoard>().AddSingleton<JobQueries>().AddSingleton<OperationQueries>();
        services.AddSingleton<LeaderQueries>().AddSingleton<ChainQueries>().AddSingleton<InsightQueries>().AddSingleton<DropOffQueries>().AddSingleton<LaunchFeed>();
        services.AddSingleton<CodeListQueries>().AddSingleton<CampaignPageQueries>();
        services.AddSingleton<PeopleQueries>().AddSingleton<TimelineQueries>().AddSingleton<AuditQueries>();
        services.AddSingleton<ChangeFeed>();
        services.AddHostedService(s => s.GetRequiredService<ChangeFeed>());
        services.AddSingleton<WorkspaceZone>();
        services.AddHostedService(s => s.GetRequiredService<WorkspaceZone>());
        services.AddScoped<LiveSession>();
        services.AddScoped<Notices>();
        services.AddScoped<AsStaff>();
    }

    public static void MapDashboard(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapStaffSignIn();
        app.MapWaitlistFiles();
        app.MapCampaignFiles();
        app.MapReferralFiles();
        app.MapInsightFiles();
        app.MapCodeFiles();
        app.MapRolloutFiles();
        app.MapPeopleFiles();
        app.MapAuditFiles();
        app.MapBrandUpload();
        app.MapEverythingFile();
        // The policy of frames is ours, for every answer alike: see SecurityHeaders.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = null);
    }
}
