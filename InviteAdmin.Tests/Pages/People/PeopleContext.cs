using Bunit;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Live;
using InviteAdmin.People;
using InviteAdmin.Tests.Support;
using InviteAdmin.Waitlist;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Pages.People;

/// <summary>Pages of the dashboard on a fresh database, without a browser, for whoever is signed in.</summary>
public abstract class PeopleContext : BunitContext, IAsyncLifetime
{
    protected FreshDatabase Database { get; } = new();

    protected Product Product { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Product = new Product(Database);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = Database.Postgres, ["ConnectionStrings:Redis"] = Database.Redis, ["App:PublicUrl"] = "https://invite.example.com",
        }).Build());
        Services.AddLogging();
        Services.AddInviteAdminCore();
        Services.AddSingleton<RecentCounts>().AddSingleton<WaitlistQueries>().AddSingleton<PersonQueries>().AddSingleton<PeopleQueries>().AddSingleton<TimelineQueries>().AddSingleton<AuditQueries>();
        Services.AddSingleton<ChangeFeed>().AddSingleton<WorkspaceZone>();
        Services.AddScoped<LiveSession>().AddScoped<Notices>().AddScoped<AsStaff>().AddScoped<SignedInStaff>();
    }

    /// <summary>Before anything is rendered.</summary>
    protected void SignIn(string role) => AddAuthorization().SetAuthorized($"{role}@example.com").SetRoles(role)
        .SetClaims(new(System.Security.Claims.ClaimTypes.NameIdentifier, role), new(SignedInStaff.NameClaim, role));

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await Product.DisposeAsync();
        await Database.DisposeAsync();
    }
}
