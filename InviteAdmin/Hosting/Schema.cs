using InviteAdmin.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace InviteAdmin.Hosting;

/// <summary>Brings the database to the schema this build was written for, or says that it is not.</summary>
public static class Schema
{
    // Any fixed number will do: processes that migrate at once take turns on it.
    private const string TakeTurn = "SELECT pg_advisory_lock(5080001)";
    private const int MostTries = 100;
    private const string EndTurn = "SELECT pg_advisory_unlock(5080001)";

    public static async Task Migrate(IServiceProvider services, CancellationToken cancel)
    {
        await using var turn = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancel);
        await using (var take = new NpgsqlCommand(TakeTurn, turn) { CommandTimeout = 0 }) await take.ExecuteNonQueryAsync(cancel);
        await using var db = await services.GetRequiredService<IDbContextFactory<InviteAdminDb>>().CreateDbContextAsync(cancel);
        db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
        await db.Database.OpenConnectionAsync(cancel);
        await db.Database.ExecuteSqlRawAsync("SET lock_timeout = '2s'", cancel);
        await Apply(db, cancel);
        await using var end = new NpgsqlCommand(EndTurn, turn);
        await end.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// Beside processes that serve, a change of a table must not wait long for its lock, because everybody after it waits too, and
    /// may meet them in a deadlock: it gives up, undone, and is tried again.
    /// </summary>
    private static async Task Apply(InviteAdminDb db, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await db.Database.MigrateAsync(cancel);
                return;
            }
            catch (Exception fault) when (attempt < MostTries && fault.GetBaseException() is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable })
            {
                await Task.Delay(Random.Shared.Next(100, 1_000), cancel);
            }
        }
    }

    public static async Task RequireCurrent(IServiceProvider services, CancellationToken cancel)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<InviteAdminDb>>().CreateDbContextAsync(cancel);
        var missing = (await db.Database.GetPendingMigrationsAsync(cancel)).Count();
        if (missing > 0) throw new StartFailure($"The database lacks {missing} migration{(missing == 1 ? "" : "s")}: run `InviteAdmin migrate` first.");
    }
}
