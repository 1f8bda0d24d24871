namespace InviteAdmin.Hosting;

/// <summary>The verb <c>reset</c>: forgets the private servers' data after asking.</summary>
public static class Reset
{
    public static async Task<int> Run(WebApplication app, Invocation call, CancellationToken cancel)
    {
        if (!app.Environment.IsDevelopment())
            throw new StartFailure($"Only Development has private servers to reset, and this is {app.Environment.EnvironmentName}.");
        var path = DataFolder.Locate(app.Configuration["INVITEADMIN_DATA"], Settings.Root());
        if (!Directory.Exists(path)) return Done($"There is nothing in {path}.");
        using var folder = DataFolder.Open(path);
        if (!folder.Owned) throw new StartFailure($"InviteAdmin (process {folder.Owner}) works in {path}: stop it first.");

        if (!call.Has("yes"))
        {
            Console.Write($"This deletes the private database in {path} and everything in it. Type yes to go on: ");
            if (Console.ReadLine()?.Trim() != "yes") throw new StartFailure("Nothing was deleted.");
        }

        if (await PrivateRedis.Running(folder.Redis, cancel) is { } redis) await redis.DisposeAsync();
        if (await PrivatePostgres.Running(folder.Postgres, cancel) is not null)
            await (await PrivatePostgres.Start(folder.Postgres, durable: true, cancel)).DisposeAsync();
        folder.Clear();
        return Done($"{path} is empty.");
    }

    private static int Done(string sentence)
    {
        Console.WriteLine(sentence);
        return 0;
    }
}
