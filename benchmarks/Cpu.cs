using System.Diagnostics;
using System.Globalization;

namespace InviteAdmin.Benchmarks;

/// <summary>Where the cores' time went between two moments: in this process, in PostgreSQL, and in nothing of ours (the disk, or others).</summary>
internal sealed class Cpu(string cluster)
{
    private const double TicksPerSecond = 100;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _ours = Process.GetCurrentProcess().TotalProcessorTime;
    private readonly double _postgres = Postgres(cluster);

    /// <summary>Shares of all cores since this was made, and processor time per item done.</summary>
    public string Say(double done)
    {
        var all = _clock.Elapsed.TotalSeconds * Environment.ProcessorCount;
        var ours = (Process.GetCurrentProcess().TotalProcessorTime - _ours).TotalSeconds;
        var postgres = Postgres(cluster) - _postgres;
        return string.Create(CultureInfo.InvariantCulture,
            $".NET {ours / all:P0} ({1_000_000 * ours / done:N0} µs each), PostgreSQL {postgres / all:P0} ({1_000_000 * postgres / done:N0} µs each), neither {Math.Max(0, 1 - ((ours + postgres) / all)):P0}");
    }

    /// <summary>Seconds of the postmaster and its children. A session that ended in between takes its time with it, so sessions must be pooled.</summary>
    private static double Postgres(string cluster)
    {
        var postmaster = File.ReadLines(Path.Combine(cluster, "postmaster.pid")).First();
        var ticks = 0L;
        foreach (var folder in Directory.GetDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                // What follows the name in brackets: state, parent, …, user and system ticks as the 12th and 13th.
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[1] == postmaster || Path.GetFileName(folder) == postmaster)
                {
                    ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // Ended while we looked.
            }
        }

        return ticks / TicksPerSecond;
    }
}
