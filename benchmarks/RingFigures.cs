using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Api;
using InviteAdmin.Data;
using InviteAdmin.Hosting;
using InviteAdmin.Insights;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace InviteAdmin.Benchmarks;

/// <summary>What the rings around a call cost (key, limit, idempotency, log): a join over HTTP with all of them, in turn with the same endpoint and use case in the same process without.</summary>
internal static class RingFigures
{
    private const int WarmUp = 1_000;

    public static async Task Run(Lab lab)
    {
        var times = lab.Short ? 3_000 : 10_000;
        var launch = await lab.Waiting(10_000);
        var key = (await launch.Do<CreateApiKey, Outcome<NewKey>>(k => k.One(Actor.System, "Benchmark", [Scope.Join, Scope.Read], CancellationToken.None))).Must().Secret;
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        await using var app = Build(launch.Connection, await lab.NewRedis(), address);
        await app.StartAsync();
        Figures.Say("| | with the rings, ms (middle half) | without, ms | difference of medians, ms (goal ≤ 0.3) | n each |\n|---|---|---|---|---|");
        await Compare("a join, one caller", once: true);
        await Compare("– without an Idempotency-Key", once: false);
        await app.StopAsync();

        async Task Compare(string what, bool once)
        {
            using var ringed = new HttpCaller(address, "/api/v1/waitlist", key);
            using var bare = new HttpCaller(address, "/bare/waitlist", key);
            string Body(int n) => $$"""{"email":"ring-{{once}}-{{n}}@example.com","name":"Ben Example"}""";
            var (with, without) = (new List<double>(), new List<double>());
            for (var n = -WarmUp; n < times; n++)
            {
                var one = await Figures.Time(() => ringed.Post(Body(2 * n), once ? string.Create(CultureInfo.InvariantCulture, $"ring-{n}") : null));
                var other = await Figures.Time(() => bare.Post(Body((2 * n) + 1)));
                if (n < 0) continue;
                with.Add(one);
                without.Add(other);
            }

            Figures.Say(string.Create(CultureInfo.InvariantCulture,
                $"| {what} | {Hundredths(with)} | {Hundredths(without)} | {Figures.Median(with) - Figures.Median(without):N2} | {times:N0} |"));
        }
    }

    private static WebApplication Build(string postgres, string redis, Uri address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(address.OriginalString);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = postgres, ["ConnectionStrings:Redis"] = redis, ["App:PublicUrl"] = "https://invite.example.com",
            ["Limits:KeyPerMinute"] = "100000000", ["Limits:AnonymousPerMinute"] = "100000000",
        });
        builder.Services.AddRequestTimeouts();
        builder.Services.AddInviteAdminCore().AddInviteApi(builder.Configuration);
        builder.Services.AddSingleton<StatsQueries>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<RequestLog>()).AddHostedService(provider => provider.GetRequiredService<ApiKeys>());
        var app = builder.Build();
        app.MapInviteApi();
        var bare = app.MapGroup("/bare");
        bare.MapWaitlist();
        // A name may stand once.
        ((IEndpointConventionBuilder)bare).Finally(endpoint =>
        {
            foreach (var name in endpoint.Metadata.OfType<IEndpointNameMetadata>().ToArray()) endpoint.Metadata.Remove((object)name);
        });
        return app;
    }

    private static string Hundredths(List<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{Figures.Median(sorted):N2} ({sorted[sorted.Length / 4]:N2}–{sorted[sorted.Length * 3 / 4]:N2})");
    }
}
