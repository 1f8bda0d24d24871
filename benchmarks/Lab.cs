using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace InviteAdmin.Benchmarks;

/// <summary>A private, durable PostgreSQL (fsync on) in a temporary folder, and the Core on databases of it.</summary>
internal sealed class Lab : IAsyncDisposable
{
    private readonly PrivatePostgres _postgres;
    private readonly string _folder;
    private readonly List<ServiceProvider> _providers = [];
    private readonly List<PrivateRedis> _redis = [];
    private readonly List<ServedApp> _served = [];
    private readonly Dictionary<int, Launch> _waiting = [];
    private int _databases;

    /// <summary>Whether PostgreSQL counts where its time goes, which costs it some.</summary>
    public static bool Profiling { get; } = Environment.GetEnvironmentVariable("PROFILE") == "1";

    private Lab(PrivatePostgres postgres, string folder, bool isShort) => (_postgres, _folder, Short) = (postgres, folder, isShort);

    public required string[] Arguments { get; init; }

    /// <summary>The one number the arguments name, as in --callers=32, or all.</summary>
    public int[] Chosen(string option, params int[] all) =>
        Arguments.FirstOrDefault(a => a.StartsWith($"--{option}=", StringComparison.Ordinal)) is { } chosen ? [int.Parse(chosen[(option.Length + 3)..], CultureInfo.InvariantCulture)] : all;

    /// <summary>Where charts are written, if anywhere.</summary>
    public string? Charts { get; init; }

    /// <summary>Fewer rounds on smaller lists: minutes in place of an hour.</summary>
    public bool Short { get; }

    public static Actor Owner { get; } = Actor.Staff("1", "Owner", [Role.Owner]);

    public static Actor Key { get; } = Actor.Key("key_benchmark", "Benchmark", Scope.All);

    public string Machine { get; } = string.Create(CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the start, PostgreSQL {PostgresPrograms.Find("").Version}, fsync on, .NET {Environment.Version}");

    public static async Task<Lab> Open(bool isShort, string? charts, string[] args)
    {
        var folder = Path.Combine(Path.GetTempPath(), "inviteadmin-benchmarks-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        return new Lab(await PrivatePostgres.Start(Path.Combine(folder, "postgres"), durable: true, CancellationToken.None, [
            ("max_connections", "600"), ("shared_buffers", "4GB"), ("max_wal_size", "8GB"), .. Profiling ? [("shared_preload_libraries", "pg_stat_statements,auto_explain"), ("auto_explain.log_min_duration", "150"), ("auto_explain.log_analyze", "on"), ("pg_stat_statements.track", "all"), ("pg_stat_statements.track_planning", "on")] : ((string, string)[])[]]), folder, isShort) { Charts = charts, Arguments = args };
    }

    /// <summary>The folder of the PostgreSQL cluster.</summary>
    public string Cluster => PathOf("postgres");

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>A launch with so many people waiting that several figures share.</summary>
    public async Task<Launch> Waiting(int people) => _waiting.TryGetValue(people, out var launch) ? launch : _waiting[people] = await NewLaunch(people);

    /// <summary>A migrated database with so many people waiting.</summary>
    public async Task<Launch> NewLaunch(int waiting)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"benchmark_{++_databases}");
        await using (var admin = NpgsqlDataSource.Create(_postgres.AdminConnectionString))
        await using (var create = admin.CreateCommand($"CREATE DATABASE {name} OWNER inviteadmin"))
        {
            await create.ExecuteNonQueryAsync();
        }

        var connection = new NpgsqlConnectionStringBuilder(_postgres.ConnectionString) { Database = name }.ConnectionString;
        var launch = Core(connection, "");
        await Schema.Migrate(launch.Services, CancellationToken.None);
        if (waiting > 0) await launch.Fill(waiting);
        return launch;
    }

    private Launch Core(string connection, string redis)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = connection,
            ["ConnectionStrings:Redis"] = redis,
            ["App:PublicUrl"] = "https://invite.example.com",
        }).Build());
        services.AddLogging();
        services.AddInviteAdminCore();
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        return new Launch(provider, connection);
    }

    /// <summary>A Redis of its own; the answer is its connection string.</summary>
    public async Task<string> NewRedis()
    {
        _redis.Add(await PrivateRedis.Start(PathOf(string.Create(CultureInfo.InvariantCulture, $"redis-{_redis.Count}")), CancellationToken.None));
        return _redis[^1].ConnectionString;
    }

    /// <summary>The app on a launch, with a Redis of its own.</summary>
    public async Task<ServedApp> Serve(Launch launch)
    {
        _served.Add((await ServedApp.Start(launch.Connection, await NewRedis())).App);
        return _served[^1];
    }

    /// <summary>The statements that took PostgreSQL longest since the last call, when profiling.</summary>
    public async Task Profile(string title)
    {
        if (!Profiling) return;
        await using var admin = NpgsqlDataSource.Create(_postgres.AdminConnectionString);
        await using var connection = await admin.OpenConnectionAsync();
        await connection.Execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", CancellationToken.None);
        var top = await connection.Query(
            "SELECT calls, total_plan_time, total_exec_time, rows, left(regexp_replace(query, '\\s+', ' ', 'g'), 90) FROM pg_stat_statements ORDER BY total_plan_time + total_exec_time DESC LIMIT 12",
            row => string.Create(CultureInfo.InvariantCulture, $"{row.GetInt64(0),8} calls {row.GetDouble(1),8:N0} ms planning {row.GetDouble(2),8:N0} ms running {row.GetInt64(3),8} rows  {row.GetString(4)}"), CancellationToken.None);
        await connection.Execute("SELECT pg_stat_statements_reset()", CancellationToken.None);
        Figures.Say($"\n{title}\n{string.Join('\n', top)}\n");
    }

    /// <summary>The Core on the same database once more, with a Redis of its own.</summary>
    public async Task<Launch> Beside(Launch launch) => Core(launch.Connection, await NewRedis());

    public static string Script(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "sql", name));

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers) await provider.DisposeAsync();
        foreach (var app in _served) await app.DisposeAsync();
        foreach (var redis in _redis) await redis.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>The Core on one database.</summary>
internal sealed class Launch(ServiceProvider services, string connection)
{
    public string Connection => connection;

    public IServiceProvider Services => services;

    public T One<T>() where T : notnull => services.GetRequiredService<T>();

    public async Task<TResult> Do<T, TResult>(Func<T, Task<TResult>> call) where T : notnull
    {
        await using var scope = services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<T>());
    }

    public async Task Execute(string sql)
    {
        await using var command = One<NpgsqlDataSource>().CreateCommand(sql);
        command.CommandTimeout = 900;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>So many members with one personal code each.</summary>
    public async Task FillMembers(int members)
    {
        await Execute(Lab.Script("members.sql").Replace(":members", members.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await Execute("VACUUM ANALYZE members, invite_codes");
    }

    /// <summary>Rows first and indexes after them; then what autovacuum would have done, and a checkpoint's worth of quiet.</summary>
    public Task Fill(int waiting) => Load(Lab.Script("fill.sql").Replace(":people", waiting.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), "waitlist_entries");

    /// <summary>Runs a script that fills tables, without their triggers and indexes, which follow.</summary>
    public async Task Load(string script, params string[] tables)
    {
        List<(string Name, string Sql)> indexes;
        await using (var reading = await One<NpgsqlDataSource>().OpenConnectionAsync())
        {
            indexes = await reading.Query(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1) AND indexname NOT LIKE 'pk_%'", row => (row.GetString(0), row.GetString(1)), CancellationToken.None, [tables]);
        }

        foreach (var (name, _) in indexes) await Execute($"DROP INDEX {name}");
        foreach (var table in tables) await Execute($"ALTER TABLE {table} DISABLE TRIGGER USER");
        await Execute(script);
        foreach (var table in tables) await Execute($"ALTER TABLE {table} ENABLE TRIGGER USER");
        foreach (var (_, sql) in indexes) await Execute(sql);
        await Execute("VACUUM ANALYZE");
    }
}
