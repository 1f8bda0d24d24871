using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Results;

namespace InviteAdmin.Hosting;

/// <summary>The verbs that let somebody in: a sign-in for a person, a key for a program.</summary>
public static class AccessVerbs
{
    /// <summary>The password comes from standard input: a command line is readable by others.</summary>
    public static async Task<int> CreateStaff(IServiceProvider services, Invocation call, CancellationToken cancel)
    {
        await Schema.RequireCurrent(services, cancel);
        var (email, role) = (call.Value("email"), call.Value("role"));
        if (!Console.IsInputRedirected) Console.Write("Password (12 characters or more; it is shown as you type): ");
        var password = await Console.In.ReadLineAsync(cancel);
        await using var scope = services.CreateAsyncScope();
        var name = call.Has("name") ? call.Value("name") : email.Split('@')[0];
        return Tell(await scope.ServiceProvider.GetRequiredService<CreateStaff>().One(Actor.System, email, name, role, password, cancel),
            _ => $"{email} can sign in as {role}.");
    }

    public static async Task<int> CreateKey(IServiceProvider services, Invocation call, CancellationToken cancel)
    {
        await Schema.RequireCurrent(services, cancel);
        await using var scope = services.CreateAsyncScope();
        var scopes = call.Value("scopes").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var made = await scope.ServiceProvider.GetRequiredService<CreateApiKey>().One(Actor.System, call.Value("name"), scopes, Days(call), cancel);
        if (made.Succeeded) await Console.Error.WriteLineAsync($"Made the key {made.Value.Id}. Its secret is shown this once:");
        // Alone on its line, so that a script can keep it.
        return Tell(made, key => key.Secret);
    }

    private static int? Days(Invocation call) => !call.Has("expires-in-days") ? null
        : int.TryParse(call.Value("expires-in-days"), NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? days
        : throw new StartFailure("`keys create` needs a whole number after --expires-in-days.");

    private static int Tell<T>(Outcome<T> outcome, Func<T, string> done)
    {
        if (outcome.Succeeded)
        {
            Console.WriteLine(done(outcome.Value));
            return 0;
        }

        Console.Error.WriteLine(outcome.Failure.Detail);
        return 1;
    }
}
