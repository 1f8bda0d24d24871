using InviteAdmin.Data;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Hosting;

/// <summary>The verb <c>serve</c>: schema, start, a message that says where to go, and work until told to stop.</summary>
public static class Serving
{
    public static async Task<int> Run(WebApplication app, Servers servers, CancellationToken cancel)
    {
        if (app.Environment.IsDevelopment())
        {
            await Schema.Migrate(app.Services, cancel);
            await using var scope = app.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<DemoLaunch>().FirstStart(app.Configuration.GetValue("Demo:Load", true), cancel);
        }
        else await Schema.RequireCurrent(app.Services, cancel);

        try
        {
            await app.StartAsync(cancel);
        }
        catch
        {
            // What has begun stops in order, or it would find the servers it talks to gone.
            await app.StopAsync(CancellationToken.None);
            throw;
        }

        app.Services.GetRequiredService<StartPhase>().Over = true;
        if (app.Environment.IsDevelopment() && !app.Configuration.GetValue<bool>("Hosting:Quiet")) StartMessage.Write(app, servers, Console.Out);
        var stop = app.Services.GetRequiredService<Draining>().After(cancel);
        await Patience.Bound(app.WaitForShutdownAsync(stop), app.Lifetime.ApplicationStopping, app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        return 0;
    }
}

/// <summary>Whether the app is still starting; until it is over, what goes wrong is said once, as a sentence, and not logged too.</summary>
public sealed class StartPhase
{
    private static readonly string[] Reporters =
    [
        "Microsoft.Extensions.Hosting.Internal.Host",
        "Microsoft.AspNetCore.Server.Kestrel",
        // Asks a new database for its migrations and reports that there is no such table.
        "Microsoft.EntityFrameworkCore.Database.Command",
    ];

    public bool Over { get; set; }

    public static void Add(WebApplicationBuilder builder)
    {
        var phase = new StartPhase();
        builder.Services.AddSingleton(phase);
        foreach (var reporter in Reporters)
            builder.Logging.AddFilter(reporter, level => phase.Over && level >= LogLevel.Warning);
    }
}
