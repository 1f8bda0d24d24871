using Npgsql;

namespace InviteAdmin.Data;

/// <summary>
/// The few connections that shared commits use, apart from all others, so that a slow page cannot keep anybody from joining.
/// Their statements are prepared and planned once, for any number of items, because planning costs more than running; and without
/// sequential scans, because a plan made while a table was empty is kept and must still be right when it is full.
/// </summary>
public sealed class WriteSource(string connectionString) : IAsyncDisposable
{
    public NpgsqlDataSource Connections { get; } = NpgsqlDataSource.Create(Tuned(connectionString));

    public ValueTask DisposeAsync() => Connections.DisposeAsync();

    // Left to choose, PostgreSQL holds a plan for one row to be cheaper, and plans each redemption anew for 6 ms.
    private static string Tuned(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 12, NoResetOnClose = true };
        settings.Options = $"{settings.Options} -c enable_seqscan=off -c plan_cache_mode=force_generic_plan".Trim();
        return settings.ConnectionString;
    }
}
