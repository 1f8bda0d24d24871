using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Support;

/// <summary>Components of the dashboard on a running app's services, without a browser.</summary>
public abstract class AppComponents : BunitContext
{
    protected AppComponents(RunningApp app)
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddLogging();
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(app.Services.GetRequiredService<ChangeFeed>());
        Services.AddSingleton(app.Services.GetRequiredService<WorkspaceZone>());
        Services.AddSingleton(app.Services.GetRequiredService<IWebHostEnvironment>());
        Services.AddScoped<LiveSession>();
        Services.AddScoped<Notices>();
        Services.AddScoped<SignedInStaff>();
        Services.AddScoped(s => new AsStaff(app.Services.GetRequiredService<IServiceScopeFactory>(), s.GetRequiredService<SignedInStaff>(), s.GetRequiredService<ChangeFeed>()));
    }

    /// <summary>Whoever looks at the components has this role. No service can be added afterwards.</summary>
    protected void SignIn(string role)
    {
        AddAuthorization().SetAuthorized($"{role.ToLowerInvariant()}@example.com").SetRoles(role);
        SetRendererInfo(new RendererInfo("Server", true));
    }
}
