using Microsoft.Extensions.Hosting;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>
/// Asks PostgreSQL every second over a connection that it keeps. While it is silent the process gets a thread for each connection: the driver takes a
/// command back by a blocking call, and a hundred of those on a thread pool of two would make requests wait for half a minute.
/// </summary>
public sealed class DatabaseWatch(NpgsqlDataSource source) : BackgroundService
{
    private const int Spare = 16;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var most = new NpgsqlConnectionStringBuilder(source.ConnectionString).MaxPoolSize;
        ThreadPool.GetMinThreads(out var usual, out var ports);
        var silent = false;
        NpgsqlConnection? connection = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                connection ??= await Open().WaitAsync(Patience, stoppingToken);
                await Ask(connection).WaitAsync(Patience, stoppingToken);
                if (silent)
                {
                    silent = !ThreadPool.SetMinThreads(usual, ports);
                }
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                silent |= ThreadPool.SetMinThreads(Math.Max(usual, most + Spare), ports);
                LeaveBehind(connection);
                connection = null;
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await Task.Delay(Pace, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        LeaveBehind(connection);
    }

    private async Task<NpgsqlConnection> Open() => await source.OpenConnectionAsync(CancellationToken.None);

    private static async Task Ask(NpgsqlConnection connection) => await connection.Scalar<int>("SELECT 1", CancellationToken.None);

    // Closing one that waits for an answer may block: elsewhere, not here.
    private static void LeaveBehind(NpgsqlConnection? connection)
    {
        if (connection is not null)
        {
            _ = Task.Run(connection.DisposeAsync);
        }
    }
}
