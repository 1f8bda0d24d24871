using System.Diagnostics;
using System.Globalization;
using InviteAdmin.Hosting;
using Npgsql;

namespace InviteAdmin.Benchmarks;

/// <summary>PostgreSQL's own load program, doing the same durable work one by one.</summary>
internal static class Pgbench
{
    /// <summary>Commits per second of so many clients running a script of sql/ for so long.</summary>
    public static async Task<double> Rate(string connectionString, string script, int clients, TimeSpan time, params (string Name, long Value)[] variables)
    {
        var at = new NpgsqlConnectionStringBuilder(connectionString);
        string[] arguments =
        [
            "-n", "-M", "prepared", "-c", Text(clients), "-j", Text(Math.Min(clients, 2)), "-T", Text((long)Math.Ceiling(time.TotalSeconds)), "-f", Path.Combine(AppContext.BaseDirectory, "sql", script),
            .. variables.SelectMany(v => (string[])["-D", $"{v.Name}={Text(v.Value)}"]), "-h", at.Host!, "-p", Text(at.Port), "-U", at.Username!, at.Database!,
        ];
        var start = new ProcessStartInfo(Path.Combine(Path.GetDirectoryName(PostgresPrograms.Find("")["psql"])!, "pgbench"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PGPASSWORD"] = at.Password;
        start.Environment["PGOPTIONS"] = "-c jit=off";
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var line = output.Split('\n').FirstOrDefault(l => l.StartsWith("tps = ", StringComparison.Ordinal));
        // On a busy machine 256 sessions may be planning still when a short time is over.
        if (process.ExitCode == 0 && output.Contains("actually processed: 0", StringComparison.Ordinal)) return 0;
        return process.ExitCode == 0 && line is not null && output.Contains("number of failed transactions: 0", StringComparison.Ordinal)
            ? double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench ended with {process.ExitCode}: {await errors}{output}");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
