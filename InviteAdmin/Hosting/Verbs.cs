using InviteAdmin.Data;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Hosting;

/// <summary>What the app can be asked to do from the command line; each answers with an exit code.</summary>
public static class Verbs
{
    public static readonly IReadOnlyList<string> All = ["serve", "migrate", "check", "staff create", "keys create", "import", "export", "reset", "help"];

    public static async Task<int> Run(WebApplication app, Invocation call, CancellationToken cancel)
    {
        if (call.Verb == "help") return Help();
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        if (call.Verb == "reset") return await Reset.Run(app, call, cancel);

        await using var servers = await Servers.Ready(app, alone: call.Verb == "serve", cancel);
        // The app goes first, while its servers still answer.
        try
        {
            return await Run(app, call, servers, cancel);
        }
        finally
        {
            await Patience.Bound(app.DisposeAsync().AsTask(), new CancellationToken(canceled: true), TimeSpan.FromSeconds(1));
        }
    }

    private static async Task<int> Run(WebApplication app, Invocation call, Servers servers, CancellationToken cancel) => call.Verb switch
    {
        "migrate" => await Migrate(app, cancel),
        "check" => await Check(app, cancel),
        "staff create" => await AccessVerbs.CreateStaff(app.Services, call, cancel),
        "keys create" => await AccessVerbs.CreateKey(app.Services, call, cancel),
        "import" => await ImportVerb.Run(app.Services, call, cancel),
        "export" => await ExportVerb.Run(app.Services, call, cancel),
        _ => await Serving.Run(app, servers, cancel),
    };

    private static async Task<int> Migrate(WebApplication app, CancellationToken cancel)
    {
        await Schema.Migrate(app.Services, cancel);
        Console.WriteLine("The database is up to date.");
        return 0;
    }

    /// <summary>Every invariant that is violated, with the number of violations; 1 when there is any.</summary>
    private static async Task<int> Check(WebApplication app, CancellationToken cancel)
    {
        await Schema.RequireCurrent(app.Services, cancel);
        var results = await app.Services.GetRequiredService<InvariantCheck>().All(cancel);
        var violated = results.Where(r => r.Violations != 0).ToList();
        foreach (var (invariant, violations) in violated) Console.WriteLine($"{invariant}: {violations} violated");
        Console.WriteLine($"{results.Count - violated.Count} invariants hold, {violated.Count} violated.");
        return violated.Count == 0 ? 0 : 1;
    }

    private static int Help()
    {
        Console.WriteLine("""
            InviteAdmin [VERB] [--Setting:Name=value …]

              serve                                   the app (the default)
              migrate                                 bring the database to this build's schema
              check                                   count violated invariants; exit code 1 when there are any
              staff create --email E --role R         a sign-in for the dashboard; the password is read from standard input
                           [--name N]
              keys create --name N --scopes join,…    an API key, shown once
                          [--expires-in-days D]
              import FILE [--members] [--dry-run]     a waitlist from a CSV file, or people who are members already; rows not taken go to FILE.rejected.csv
              export FILE                             everything as a ZIP of CSV files
              reset [--yes]                           forget everything in the private servers
            """);
        return 0;
    }
}
