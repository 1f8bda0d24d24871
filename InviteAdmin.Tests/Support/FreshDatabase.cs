using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace InviteAdmin.Tests.Support;

/// <summary>A class fixture: a migrated, empty PostgreSQL database and a Redis database for one test class.</summary>
public sealed class FreshDatabase : IAsyncLifetime, IDbContextFactory<InviteAdminDb>
{
    public string Postgres { get; private set; } = "";

    public string Redis { get; private set; } = "";

    public NpgsqlDataSource Source { get; private set; } = null!;

    /// <summary>The environment variables that make an <see cref="AppProcess"/> use it.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["ConnectionStrings__Postgres"] = Postgres,
        ["ConnectionStrings__Redis"] = Redis,
        ["Demo__Load"] = "false",
    };

    /// <summary>The database another process made, which will drop it.</summary>
    public static FreshDatabase Of(string postgres, string redis) => new() { Postgres = postgres, Redis = redis, Source = NpgsqlDataSource.Create(postgres) };

    public async Task InitializeAsync()
    {
        (Postgres, Redis) = await (await TestServers.OfThisRun).Fresh();
        Source = NpgsqlDataSource.Create(Postgres);
    }

    public InviteAdminDb CreateDbContext() => new(new DbContextOptionsBuilder<InviteAdminDb>().UseNpgsql(Source).Options);

    /// <summary>The first value of the first row.</summary>
    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task Execute(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Mails to mail1@example.com and so on, due at once, in that order.</summary>
    public Task QueueMails(int count) => Execute(
        $$"""INSERT INTO outbox (template, dedupe_key, recipient, payload) SELECT 'welcome', 'item:' || i, 'mail' || i || '@example.com', '{"name":"Ann","statusToken":"st","referralToken":"rt"}' FROM generate_series(1, {{count}}) i ORDER BY i""");

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        await (await TestServers.OfThisRun).Drop(Postgres);
    }
}
