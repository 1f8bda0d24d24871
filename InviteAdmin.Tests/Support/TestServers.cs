using System.Globalization;
using InviteAdmin.Data;
using InviteAdmin.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("InviteAdmin.Tests.Support.WholeRun", "InviteAdmin.Tests")]

namespace InviteAdmin.Tests.Support;

/// <summary>The run's own PostgreSQL and Redis, started when the first test asks, with a migrated template that every test database is a copy of.</summary>
public sealed class TestServers
{
    private const string Template = "test_template";
    private const string FolderPrefix = "inviteadmin-tests-";
    private static readonly Lazy<Task<TestServers>> Run = new(Start);
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), FolderPrefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    private readonly PrivatePostgres _postgres;
    private readonly PrivateRedis _redis;
    private int _made;

    private TestServers(PrivatePostgres postgres, PrivateRedis redis) => (_postgres, _redis) = (postgres, redis);

    public static Task<TestServers> OfThisRun => Run.Value;

    /// <summary>An empty, migrated database and a Redis database with channels of its own.</summary>
    public async Task<(string Postgres, string Redis)> Fresh()
    {
        var number = Interlocked.Increment(ref _made);
        var name = $"test_{number.ToString(CultureInfo.InvariantCulture)}";
        await Execute($"CREATE DATABASE {name} TEMPLATE {Template} OWNER inviteadmin");
        // Tests ask what is right, on a machine that may be busy; how soon it is answered has tests of its own.
        return (
            new NpgsqlConnectionStringBuilder(_postgres.ConnectionString) { Database = name, MaxPoolSize = 40, Timeout = 15, CommandTimeout = 60, Options = "-c jit=off" }.ConnectionString,
            $"{_redis.ConnectionString},defaultDatabase={number % 1024},channelPrefix={name}:");
    }

    /// <summary>Sessions still open are closed: a test that failed must not keep others from starting.</summary>
    public Task Drop(string postgres) =>
        Execute($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(postgres).Database} WITH (FORCE)");

    /// <summary>A statement of the superuser's, for what a database's owner may not do.</summary>
    public Task Administer(string sql) => Execute(sql);

    /// <summary>What the server logs.</summary>
    public static string ServerLog => Path.Combine(Folder, "postgres", "server.log");

    internal static async Task Stop()
    {
        if (!Run.IsValueCreated) return;
        var servers = await Run.Value;
        await servers._redis.DisposeAsync();
        await servers._postgres.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<TestServers> Start()
    {
        await Sweep();
        Directory.CreateDirectory(Folder);
        // Tests here ask what was committed, not what a power cut leaves; durability tests start a cluster of their own.
        var postgres = PrivatePostgres.Start(Path.Combine(Folder, "postgres"), durable: false, CancellationToken.None);
        var redis = PrivateRedis.Start(Path.Combine(Folder, "redis"), CancellationToken.None);
        var servers = new TestServers(await postgres, await redis);
        await servers.Execute($"CREATE DATABASE {Template} OWNER inviteadmin");
        await Migrate(new NpgsqlConnectionStringBuilder(servers._postgres.ConnectionString) { Database = Template, Pooling = false }.ConnectionString);
        return servers;
    }

    private static async Task Migrate(string template)
    {
        var services = new ServiceCollection();
        services.AddSingleton(_ => NpgsqlDataSource.Create(template));
        services.AddDbContextFactory<InviteAdminDb>((s, options) => options.UseNpgsql(
            s.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.MigrationsAssembly("InviteAdmin.Migrations")));
        await using var provider = services.BuildServiceProvider();
        await Schema.Migrate(provider, CancellationToken.None);
    }

    /// <summary>A run that was killed could not stop its servers: the next one does.</summary>
    private static async Task Sweep()
    {
        foreach (var left in Directory.GetDirectories(Path.GetTempPath(), FolderPrefix + "*"))
        {
            if (Directory.Exists("/proc/" + Path.GetFileName(left)[FolderPrefix.Length..])) continue;
            if (await PrivateRedis.Running(Path.Combine(left, "redis"), CancellationToken.None) is { } redis) await redis.DisposeAsync();
            if (await PrivatePostgres.Running(Path.Combine(left, "postgres"), CancellationToken.None) is not null)
                await (await PrivatePostgres.Start(Path.Combine(left, "postgres"), durable: false, CancellationToken.None)).DisposeAsync();
            Directory.Delete(left, recursive: true);
        }
    }

    private async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(_postgres.AdminConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>The run itself, whose end stops the servers; xUnit has no other place for what all classes share.</summary>
public sealed class WholeRun(IMessageSink messages) : XunitTestFramework(messages), IDisposable
{
    public new void Dispose()
    {
        TestServers.Stop().GetAwaiter().GetResult();
        base.Dispose();
    }
}
