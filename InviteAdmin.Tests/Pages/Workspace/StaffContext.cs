using System.Security.Claims;
using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Live;
using InviteAdmin.Redis;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace InviteAdmin.Tests.Pages.Workspace;

/// <summary>Renders parts of pages for somebody who is signed in, with what they show handed in; nothing behind them is asked.</summary>
public abstract class StaffContext : BunitContext
{
    protected StaffContext()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(new WorkspaceZone(null!, TimeProvider.System, NullLogger<WorkspaceZone>.Instance));
        Services.AddSingleton(new Notices());
        Services.AddSingleton(new ChangeFeed(NpgsqlDataSource.Create("Host=localhost"), new RedisServer(null, NullLogger<RedisServer>.Instance), TimeProvider.System, NullLogger<ChangeFeed>.Instance));
        Services.AddScoped(s => new AsStaff(s.GetRequiredService<IServiceScopeFactory>(), new SignedInStaff(s.GetRequiredService<AuthenticationStateProvider>()), s.GetRequiredService<ChangeFeed>()));
    }

    protected void SignInAs(string role)
    {
        var authorization = AddAuthorization();
        authorization.SetAuthorized($"{role.ToLowerInvariant()}@example.com");
        authorization.SetRoles(role);
        authorization.SetClaims(new Claim(ClaimTypes.NameIdentifier, "1"), new Claim(SignedInStaff.NameClaim, role));
        authorization.SetPolicies([.. Role.Permissions(role).Select(p => p.ToString())]);
    }
}
