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
    public static Task Prepare(NpgsqlBatch batch, int items, CancellationToken cancel) => items <= MostToPrepare ? batch.PrepareAsync(cancel) : Task.CompletedTask;

    public ValueTask DisposeAsync() => Connections.DisposeAsync();

    private static string Tuned(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 12, NoResetOnClose = true };
        settings.Options = $"{settings.Options} -c enable_seqscan=off".Trim();
        return settings.ConnectionString;
    }
}
