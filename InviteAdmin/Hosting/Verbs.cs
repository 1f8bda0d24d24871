using InviteAdmin.Access;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Hosting;

/// <summary>What the app can be asked to do from the command line; each answers with an exit code.</summary>
public static class Verbs
{
    public static readonly IReadOnlyList<string> All = ["serve", "migrate", "check", "staff create", "keys create", "import", "reset", "help"];

    public static async Task<int> Run(WebApplication app, Invocation call, CancellationToken cancel)
    {
        if (call.Verb == "help") return Help();
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        if (call.Verb == "reset") return await Reset.Run(app, call, cancel);

        await using var servers = await Servers.Ready(app, alone: call.Verb == "serve", cancel);
        // The app goes first, while its servers still answer.
        await using var _ = app;
        return call.Verb switch
        {
            "migrate" => await Migrate(app, cancel),
            "check" => await Check(app, cancel),
            "staff create" => throw NotYet(call),
            "keys create" => await CreateKey(app, call, cancel),
            "import" => throw NotYet(call),
            _ => await Serving.Run(app, servers, cancel),
        };
    }

    private static async Task<int> Migrate(WebApplication app, CancellationToken cancel)
    {
        await Schema.Migrate(app.Services, cancel);
        Console.WriteLine("The database is up to date.");
        return 0;
    }

    /// <summary>Prints the secret alone on its line, so that a script can keep it.</summary>
    private static async Task<int> CreateKey(WebApplication app, Invocation call, CancellationToken cancel)
    {
        await Schema.RequireCurrent(app.Services, cancel);
        await using var scope = app.Services.CreateAsyncScope();
        var made = await scope.ServiceProvider.GetRequiredService<CreateApiKey>().One(
            Actor.System, call.Value("name"), call.Value("scopes").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), cancel);
        if (!made.Succeeded) throw new StartFailure(made.Failure.Detail);
        await Console.Error.WriteLineAsync($"Made the key {made.Value.Id}. Its secret is shown this once:");
        Console.WriteLine(made.Value.Secret);
        return 0;
    }

    /// <summary>Every invariant that is violated, with the number of violations; 1 when there is any.</summary>
    private static async Task<int> Check(WebApplication app, CancellationToken cancel)
    {
        await Schema.RequireCurrent(app.Services, cancel);
        await using var command = app.Services.GetRequiredService<NpgsqlDataSource>()
            .CreateCommand("SELECT invariant, violations FROM invariant_check ORDER BY invariant");
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var (held, violated) = (0, 0);
        while (await rows.ReadAsync(cancel))
        {
            if (rows.GetInt64(1) == 0) held++;
            else
            {
                violated++;
                Console.WriteLine($"{rows.GetString(0)}: {rows.GetInt64(1)} violated");
            }
        }
        Console.WriteLine($"{held} invariants hold, {violated} violated.");
        return violated == 0 ? 0 : 1;
    }

    private static int Help()
    {
        Console.WriteLine("""
            InviteAdmin [VERB] [--Setting:Name=value …]

              serve                                   the app (the default)
              migrate                                 bring the database to this build's schema
              check                                   count violated invariants; exit code 1 when there are any
              staff create --email E --role R         a sign-in for the dashboard
              keys create --name N --scopes join,…    an API key, shown once
              import FILE                             a waitlist from a CSV file
              reset [--yes]                           forget everything in the private servers
            """);
        return 0;
    }

    private static StartFailure NotYet(Invocation call) => new($"`{call.Verb}` is not built yet.");
}
