using InviteAdmin.Access;
using InviteAdmin.Components;
using InviteAdmin.Insights;
using InviteAdmin.Invites;
using InviteAdmin.Jobs;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using Radzen;

namespace InviteAdmin.Live;

/// <summary>Everything the dashboard needs, in two lines of <c>Program.cs</c>.</summary>
public static class Dashboard
{
    public static void AddDashboard(this IServiceCollection services)
    {
        services.AddStaffSignIn();
        services.AddRazorComponents().AddInteractiveServerComponents(circuit =>
        {
            circuit.DisconnectedCircuitMaxRetained = 50;
            circuit.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
        }).AddHubOptions(hub => hub.MaximumReceiveMessageSize = 32 * 1024);
        services.AddRadzenComponents();

        services.AddSingleton<WaitlistQueries>().AddSingleton<LaunchQueries>().AddSingleton<PlanQueries>();
        services.AddSingleton<PersonQueries>().AddSingleton<OutboxQueries>().AddSingleton<CodePageQueries>();
        services.AddScoped<JobBoard>();
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
        // The policy of frames is ours, for every answer alike: see SecurityHeaders.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = null);
    }
}
