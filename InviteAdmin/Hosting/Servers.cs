using StackExchange.Redis;

namespace InviteAdmin.Hosting;

/// <summary>The PostgreSQL and Redis this process uses: those it was given, or in Development private ones that live and end with it.</summary>
public sealed class Servers : IAsyncDisposable
{
    private DataFolder? _folder;
    private PrivatePostgres? _postgres;
    private PrivateRedis? _redis;

    /// <summary>Where the private servers keep their data; null when none was needed.</summary>
    public string? Folder => _folder?.Path;

    /// <summary>
    /// Writes what it found or started into <c>ConnectionStrings</c>. Serving needs the data folder for itself; every other verb
    /// may also work beside an app that already serves from it.
    /// </summary>
    public static async Task<Servers> Ready(WebApplication app, bool alone, CancellationToken cancel)
    {
        var servers = new Servers();
        try
        {
            await servers.Find(app, alone, cancel);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null) await _redis.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
        _folder?.Dispose();
    }

    private async Task Find(WebApplication app, bool alone, CancellationToken cancel)
    {
        var given = new { Postgres = app.Configuration.GetConnectionString("Postgres"), Redis = app.Configuration.GetConnectionString("Redis") };
        foreach (var (name, value) in new[] { ("Postgres", given.Postgres), ("Redis", given.Redis) })
        {
            if (string.IsNullOrWhiteSpace(value) && !app.Environment.IsDevelopment())
                throw new StartFailure($"ConnectionStrings:{name} is not set: name the server in ConnectionStrings__{name}, or start with ./run, which brings one.");
        }

        // Each on its own: the one that was given is used, and only the other is started.
        if (!string.IsNullOrWhiteSpace(given.Redis)) CheckRedis(given.Redis);
        if (!string.IsNullOrWhiteSpace(given.Postgres)) await GivenPostgres.Check(given.Postgres, cancel);
        if (!string.IsNullOrWhiteSpace(given.Postgres) && !string.IsNullOrWhiteSpace(given.Redis)) return;

        _folder = DataFolder.Open(DataFolder.Locate(app.Configuration["INVITEADMIN_DATA"], Settings.Root()));
        if (!_folder.Owned && alone)
            throw new StartFailure($"Another InviteAdmin (process {_folder.Owner}) works in {_folder.Path}: stop it, or set INVITEADMIN_DATA to another folder.");
        await Task.WhenAll(
            string.IsNullOrWhiteSpace(given.Postgres) ? UsePostgres(app, _folder, cancel) : Task.CompletedTask,
            string.IsNullOrWhiteSpace(given.Redis) ? UseRedis(app, _folder, cancel) : Task.CompletedTask);
    }

    private async Task UsePostgres(WebApplication app, DataFolder folder, CancellationToken cancel)
    {
        if (folder.Owned) _postgres = await PrivatePostgres.Start(folder.Postgres, durable: true, cancel);
        app.Configuration["ConnectionStrings:Postgres"] = _postgres?.ConnectionString
            ?? await PrivatePostgres.Running(folder.Postgres, cancel)
            ?? throw StillStarting(folder);
    }

    private async Task UseRedis(WebApplication app, DataFolder folder, CancellationToken cancel)
    {
        if (folder.Owned) _redis = await PrivateRedis.Start(folder.Redis, cancel);
        app.Configuration["ConnectionStrings:Redis"] = (_redis ?? await PrivateRedis.Running(folder.Redis, cancel))?.ConnectionString
            ?? throw StillStarting(folder);
    }

    private static StartFailure StillStarting(DataFolder folder) =>
        new($"The InviteAdmin that works in {folder.Path} (process {folder.Owner}) is still starting or stopping: try again in a moment.");

    private static void CheckRedis(string connectionString)
    {
        try
        {
            ConfigurationOptions.Parse(connectionString);
        }
        catch (ArgumentException fault)
        {
            throw new StartFailure($"ConnectionStrings:Redis cannot be read ({fault.Message.Split('\n')[0].TrimEnd('.', '\r')}): write it like redis.example:6379,password=….", fault);
        }
    }
}
