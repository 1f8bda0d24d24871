using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Support;

/// <summary>A class fixture: the whole app in this process on a fresh database, on a loopback port that browsers and plain HTTP clients reach.</summary>
public class RunningApp : WebApplicationFactory<Program>, IAsyncLifetime
{
    public FreshDatabase Database { get; } = new();

    public Uri Address { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        UseKestrel(0);
        StartServer();
        Address = new Uri(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>A client that follows no redirects and keeps no cookies, so that tests see what the server said.</summary>
    public HttpClient NewHttpClient() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };

    async Task IAsyncLifetime.DisposeAsync()
    {
        await base.DisposeAsync();
        await Database.DisposeAsync();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Development");
        builder.UseSetting("Hosting:Quiet", "true");
        builder.UseSetting("ConnectionStrings:Postgres", Database.Postgres);
        builder.UseSetting("ConnectionStrings:Redis", Database.Redis);
        builder.UseSetting("Demo:Load", "false");
        builder.UseSetting("Widget:Origins:0", "https://www.example.com");
        // A suite asks more of one address in a minute than any person; the limits have tests of their own.
        foreach (var limit in (string[])["Key", "Anonymous", "Pages", "Forms"])
            builder.UseSetting($"Limits:{limit}PerMinute", "10000000");
        builder.ConfigureTestServices(Replace);
    }

    /// <summary>Puts a test's own parts in the place of the app's.</summary>
    protected virtual void Replace(IServiceCollection services)
    {
    }
}
