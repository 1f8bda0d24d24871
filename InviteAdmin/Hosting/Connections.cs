using System.Data.Common;
using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StackExchange.Redis;

namespace InviteAdmin.Hosting;

/// <summary>How the app reaches PostgreSQL and Redis; nothing connects before it is first used.</summary>
public static class Connections
{
    private const int RedisPatience = 1000;

    public static void AddConnections(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(s => new NpgsqlDataSourceBuilder(s.GetRequiredService<IConfiguration>().GetConnectionString("Postgres")).Build());
        services.AddSingleton<DbDataSource>(s => s.GetRequiredService<NpgsqlDataSource>());
        services.AddDbContextFactory<InviteAdminDb>((s, options) => options.UseNpgsql(
            s.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.MigrationsAssembly("InviteAdmin.Migrations")));

        // A Redis that is away when the app starts is connected to when it comes; asking it waits a second at most.
        services.AddSingleton<IConnectionMultiplexer>(s =>
        {
            var options = ConfigurationOptions.Parse(s.GetRequiredService<IConfiguration>().GetConnectionString("Redis"));
            options.AbortOnConnectFail = false;
            options.ConnectTimeout = RedisPatience;
            options.SyncTimeout = RedisPatience;
            return ConnectionMultiplexer.Connect(options);
        });
    }
}
