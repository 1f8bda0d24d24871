using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Waitlist;
using InviteAdmin.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Benchmarks;

/// <summary>Ten thousand webhooks to twenty endpoints of which one is dead and one slow, and what a listener costs a join.</summary>
internal static class WebhookFigures
{
    private const int Endpoints = 20;
    private const int Each = 500;

    public static async Task Run(Lab lab)
    {
        var launch = await lab.NewLaunch(0);
        var options = Options.Create(new WebhooksOptions { AllowLoopback = true });
        options.Value.InDevelopment();
        using var receiver = new Receiver();
        var secrets = launch.One<WebhookSecrets>();
        for (var i = 0; i < Endpoints; i++)
        {
            // The first is dead: nobody listens there.
            var url = i == 0 ? "http://127.0.0.1:9/" : $"http://127.0.0.1:{receiver.Port}/{(i == 1 ? "slow" : "quick")}/{i}";
            await launch.Execute(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO webhook_endpoints (public_id, url, secret, created_by) VALUES ('wh_{i}', '{url}', '{secrets.Protect(WebhookSecrets.New())}', 'Benchmark')"));
        }

        await launch.Execute(string.Create(CultureInfo.InvariantCulture, $$"""INSERT INTO webhook_events (type, subject, data) SELECT 'waitlist.joined', 'wl_' || i, '{"id":"wl_1","email":"ann@example.com","name":"Ann Example","status":"waiting","position":1,"points":0}' FROM generate_series(1, {{Each}}) i"""));
        await launch.Execute("ANALYZE");
        using var client = new WebhookClient(new WebhookAddress(options, launch.One<ResolveHost>()), options, TimeProvider.System);
        var dispatcher = new WebhookDispatcher(launch.One<WebhookQueue>(), client, secrets, launch.One<IServiceScopeFactory>(), options, TimeProvider.System, NullLogger<WebhookDispatcher>.Instance);
        var clock = Stopwatch.StartNew();
        await dispatcher.StartAsync(CancellationToken.None);
        await Until(launch, (Endpoints - 2) * Each, "e.url LIKE '%/quick/%'", clock);
        var all = clock.Elapsed;
        var (dead, slow) = (await Count(launch, "e.public_id = 'wh_0' AND d.state = 'delivered'"), await Count(launch, "e.public_id = 'wh_1' AND d.state = 'delivered'"));
        await dispatcher.StopAsync(CancellationToken.None);
        Figures.Say("| webhooks | endpoints | delivered to the 18 others | s (goal ≤ 120) | /s | to the dead one | to the slow one by then | n |\n|---|---|---|---|---|---|---|---|");
        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| {Endpoints * Each:N0} | {Endpoints} | {(Endpoints - 2) * Each:N0} | {all.TotalSeconds:N1} | {(Endpoints - 2) * Each / all.TotalSeconds:N0} | {dead} | {slow} | 1 |"));
        await Joins(lab);
    }

    // Joins by 256 callers in turn with nobody listening and with one endpoint for all events.
    private static async Task Joins(Lab lab)
    {
        var launch = await lab.NewLaunch(10_000);
        await launch.Execute("INSERT INTO webhook_endpoints (public_id, url, secret, created_by, removed_at) VALUES ('wh_all', 'https://example.com/', '', 'Benchmark', now())");
        var number = 0L;
        var (without, with) = (new List<double>(), new List<double>());
        for (var round = -1; round < 3; round++)
        {
            foreach (var listens in (bool[])[false, true])
            {
                await launch.Execute($"UPDATE webhook_endpoints SET removed_at = {(listens ? "NULL" : "now()")}");
                var rate = await Callers.Rate(256, TimeSpan.FromSeconds(3), _ => async () => (await launch.Do<JoinWaitlist, Outcome<JoinAnswer>>(j =>
                    j.One(Lab.Key, new JoinRequest(string.Create(CultureInfo.InvariantCulture, $"hook-{Interlocked.Increment(ref number)}@example.com"), "Ben Example"), CancellationToken.None))).Must());
                if (round >= 0) (listens ? with : without).Add(rate);
            }
        }

        Figures.Say("\n| joins by 256 callers, /s | nobody listens | one endpoint hears all | ratio | n each |\n|---|---|---|---|---|");
        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| 10,000 waiting | {Figures.Whole(without)} | {Figures.Whole(with)} | {Figures.Ratio(with, without)} | {with.Count} |"));
    }

    private static async Task Until(Launch launch, long delivered, string where, Stopwatch clock)
    {
        while (await Count(launch, $"{where} AND d.state = 'delivered'") < delivered)
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(4)) throw new TimeoutException("Not delivered within four minutes.");
            await Task.Delay(100);
        }
    }

    private static async Task<long> Count(Launch launch, string where)
    {
        await using var connection = await launch.One<NpgsqlDataSource>().OpenConnectionAsync();
        return await connection.Scalar<long>($"SELECT count(*) FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE {where}", CancellationToken.None);
    }

    /// <summary>A receiver of a few lines, so that the figure is ours: 204 at once, or after 30 seconds on paths that begin with /slow.</summary>
    private sealed class Receiver : IDisposable
    {
        private readonly HttpListener _listener = new();

        public Receiver()
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Port = ((IPEndPoint)free.LocalEndpoint).Port;
            }

            _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
            _listener.Start();
            _ = Task.Run(Listen);
        }

        public int Port { get; }

        public void Dispose() => _listener.Close();

        private async Task Listen()
        {
            while (_listener.IsListening)
            {
                var context = await _listener.GetContextAsync();
                _ = Answer(context);
            }
        }

        private static async Task Answer(HttpListenerContext context)
        {
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            await reader.ReadToEndAsync();
            if (context.Request.RawUrl!.StartsWith("/slow", StringComparison.Ordinal)) await Task.Delay(TimeSpan.FromSeconds(30));
            context.Response.StatusCode = 204;
            context.Response.Close();
        }
    }
}
