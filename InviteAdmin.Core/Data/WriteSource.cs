using Npgsql;

namespace InviteAdmin.Data;

/// <summary>
/// The few connections that shared commits use, apart from all others, so that a slow page cannot keep anybody from joining.
/// Their statements are prepared, and planned without sequential scans: a plan made while a table was empty is kept, and must
/// still be right when it is full.
/// </summary>
public sealed class WriteSource(string connectionString) : IAsyncDisposable
{
    private const int MostToPrepare = 64;

    public NpgsqlDataSource Connections { get; } = NpgsqlDataSource.Create(Tuned(connectionString));

    /// <summary>
    /// Saves a small batch its planning, which costs more than running it. A large one is planned for its size: a plan for any
    /// size compares each row with each.
    /// </summary>
    public static Task Prepare(NpgsqlBatch batch, int items, CancellationToken cancel)
    {
        if (items <= MostToPrepare)
        {
            return batch.PrepareAsync(cancel);
        }

        batch.BatchCommands.Insert(0, new NpgsqlBatchCommand("SET LOCAL plan_cache_mode = force_custom_plan"));
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => Connections.DisposeAsync();

    // Left to choose, PostgreSQL holds a plan for one row to be cheaper, and plans each redemption anew for 6 ms.
    private static string Tuned(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 12, NoResetOnClose = true };
        settings.Options = $"{settings.Options} -c enable_seqscan=off -c plan_cache_mode=force_generic_plan".Trim();
        return settings.ConnectionString;
    }
}
