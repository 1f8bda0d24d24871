using Npgsql;

namespace InviteAdmin.Tests.Support;

/// <summary>A class fixture: the app as a process of its own, with a bad network of ours between it and PostgreSQL.</summary>
public sealed class ProxiedApp : IAsyncLifetime
{
    public FreshDatabase Database { get; } = new();

    public TcpProxy Network { get; private set; } = null!;

    public AppProcess App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        var direct = new NpgsqlConnectionStringBuilder(Database.Postgres);
        Network = new TcpProxy(direct.Port);
        direct.Port = Network.Port;
        // The product's own bounds, not those of tests that ask for races.
        direct.Remove("Timeout");
        direct.Remove("Command Timeout");
        App = await AppProcess.Start(new Dictionary<string, string>(AppCluster.Settings(Database))
        {
            ["ConnectionStrings__Postgres"] = direct.ConnectionString,
            ["Limits__RequestSeconds"] = "6",
            ["Limits__PagesPerMinute"] = "10000000",
            ["Limits__FormsPerMinute"] = "10000000",
        });
    }

    public async Task DisposeAsync()
    {
        Network.Pass();
        await App.DisposeAsync();
        await Network.DisposeAsync();
        await Database.DisposeAsync();
    }
}
