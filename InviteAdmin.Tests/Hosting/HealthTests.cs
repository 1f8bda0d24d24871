using System.Net;
using InviteAdmin.Hosting;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Hosting;

public sealed class HealthTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    [Fact]
    public async Task Ready_RedisAbsentFromTheStart_ServesAndSaysSo()
    {
        var settings = new Dictionary<string, string>(database.Settings) { ["ConnectionStrings__Redis"] = $"127.0.0.1:{FreePort.Next()}" };
        await using var app = await AppProcess.Start(settings);
        using var client = new HttpClient { BaseAddress = app.Address };

        Assert.Equal("""{"status":"live"}""", await client.GetStringAsync("/healthz/live"));
        Assert.Equal("""{"status":"ready","postgres":"up","redis":"down"}""", await client.GetStringAsync("/healthz/ready"));
    }

    [Fact]
    public async Task Ready_PostgresGone_SaysUnavailableAndStaysAlive()
    {
        using var scratch = new ScratchFolder();
        var folder = Path.Combine(scratch.Path, "postgres");
        var postgres = await PrivatePostgres.Start(folder, durable: true, default);
        await using var app = await AppProcess.Start(new Dictionary<string, string>(database.Settings) { ["ConnectionStrings__Postgres"] = postgres.ConnectionString });
        using var client = new HttpClient { BaseAddress = app.Address };

        await postgres.DisposeAsync();

        var answer = await client.GetAsync("/healthz/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("""{"status":"unavailable","postgres":"down","redis":"up"}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/healthz/live")).StatusCode);
    }
}
