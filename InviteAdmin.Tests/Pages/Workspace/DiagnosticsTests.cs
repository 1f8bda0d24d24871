using InviteAdmin.Access;
using InviteAdmin.Components.Pages.Workspace;
using InviteAdmin.Data;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace InviteAdmin.Tests.Pages.Workspace;

public sealed class DiagnosticsTests(RunningApp app) : IClassFixture<RunningApp>
{
    [Fact]
    public async Task Text_OfARunningApp_NamesNoSecretAddressOrMachine()
    {
        var inspect = app.Services.GetRequiredService<InspectSystem>();
        await WaitFor.True(async () => (await Facts(inspect)).Processes.Count > 0);
        var facts = await Facts(inspect);
        var text = Diagnostics.Text(facts, (await inspect.Invariants(Actor.System, default)).Must());

        var postgres = new NpgsqlConnectionStringBuilder(app.Database.Postgres);
        string[] secrets =
        [
            postgres.Password!, postgres.Database!, $":{postgres.Port}", postgres.Host!, "127.0.0.1", "localhost", app.Address.Authority, Environment.MachineName, Environment.UserName + "@",
            app.Database.Redis.Split(',')[0], SignedIn.As(Role.Owner).Email, SignedIn.As(Role.Owner).Password, "Host=", "Password", "password", "@example.com", AppContext.BaseDirectory,
        ];
        Assert.DoesNotContain(secrets, s => s.Length > 2 && text.Contains(s, StringComparison.OrdinalIgnoreCase));
        Assert.Contains($"InviteAdmin {Heartbeat.Version}", text, StringComparison.Ordinal);
        Assert.Contains("Process 1 (this one)", text, StringComparison.Ordinal);
        Assert.Contains("0 violated", text, StringComparison.Ordinal);
        Assert.Matches("PostgreSQL \\d+\\.\\d+: ", text);
    }

    [Fact]
    public async Task Facts_QueueAndProcesses_AreThoseOfTheDatabase()
    {
        await app.Database.Scalar<long>("INSERT INTO processes (name, version, started_at, heard_at) VALUES ('elsewhere:1', '0.0.9', now() - interval '1 hour', now() - interval '5 minutes') RETURNING 1::bigint");
        await app.Database.Scalar<long>("INSERT INTO outbox (template, dedupe_key, recipient, payload, due_at) VALUES ('welcome', 'system:1', 'ann@example.com', '{}', now() + interval '1 day') RETURNING id");

        var facts = await Facts(app.Services.GetRequiredService<InspectSystem>());

        Assert.True(facts.Processes.Single(p => p.Name == "elsewhere:1").Silent);
        Assert.Equal(1, facts.Queues.Single(q => q.Name == "Mail that is held or comes later").Waiting);
        Assert.True(facts.Redis.Up);
        Assert.True(facts.Database.Bytes > 1_000_000 && facts.Database.LatestMigration.StartsWith("2026", StringComparison.Ordinal));
    }

    private static async Task<SystemFacts> Facts(InspectSystem inspect) => (await inspect.Now(Actor.System, default)).Must();
}
