using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>Notes every few seconds that this process is at work, so that the System page of any process sees all of them.</summary>
public sealed class Heartbeat(NpgsqlDataSource source, TimeProvider time, ILogger<Heartbeat> log) : BackgroundService
{
    /// <summary>Silent for longer: the process is taken for gone.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    /// <summary>The machine's name and the process's number there, as the history of jobs and long work has them.</summary>
    public static string Process { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}");

    /// <summary>Of this build, with the first characters of its commit when it knows it.</summary>
    public static string Version { get; } = Short(typeof(Heartbeat).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    /// <summary>How many processes were at work at the last beat, this one among them.</summary>
    public int Processes { get; private set; } = 1;

    public async Task Beat(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await connection.Execute(
            """
            INSERT INTO processes (name, version, started_at) VALUES ($1, $2, now() - $3::interval)
            ON CONFLICT (name) DO UPDATE SET version = excluded.version, heard_at = now(),
              started_at = CASE WHEN abs(extract(epoch FROM processes.started_at - excluded.started_at)) > 60 THEN excluded.started_at ELSE processes.started_at END
            """, cancel, Process, Version, Uptime());
        await connection.Execute("DELETE FROM processes WHERE heard_at < now() - interval '1 day'", cancel);
        Processes = Math.Max(1, (int)await connection.Scalar<long>("SELECT count(*) FROM processes WHERE heard_at > now() - $1::interval", cancel, Silence));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, time);
        try
        {
            do
            {
                await BeatOnce(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping; the row grows old and goes.
        }
    }

    internal TimeSpan Uptime()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return time.GetLocalNow().DateTime - self.StartTime;
    }

    private async Task BeatOnce(CancellationToken cancel)
    {
        try
        {
            await Beat(cancel);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            log.LogDebug(fault, "The database is away; this process is not seen by the others meanwhile.");
        }
    }

    private static string Short(string version) => version.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? version[..Math.Min(version.Length, plus + 9)] : version;
}
