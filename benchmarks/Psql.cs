using System.Diagnostics;
using System.Globalization;
using InviteAdmin.Hosting;
using Npgsql;

namespace InviteAdmin.Benchmarks;

/// <summary>One psql session that stays open, so that neither its start nor its first look at the catalogue is timed. Times are psql's own (\timing).</summary>
internal sealed class Psql : IAsyncDisposable
{
    private readonly Process _process;
    private int _turn;

    private Psql(Process process) => _process = process;

    public static async Task<Psql> Open(string connectionString)
    {
        var at = new NpgsqlConnectionStringBuilder(connectionString);
        var start = new ProcessStartInfo(PostgresPrograms.Find("")["psql"], ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", at.Host!, "-p", at.Port.ToString(CultureInfo.InvariantCulture), "-U", at.Username!, at.Database!])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PGPASSWORD"] = at.Password;
        // As the product asks for it: compiling a statement would cost the limit more than it gains.
        start.Environment["PGOPTIONS"] = "-c jit=off";
        start.Environment["LC_ALL"] = "C";
        var psql = new Psql(Process.Start(start)!);
        await psql._process.StandardInput.WriteLineAsync("\\timing on");
        return psql;
    }

    /// <summary>Milliseconds of the last statement in the text.</summary>
    public async Task<double> Run(string sql)
    {
        var end = $"turn {_turn++} is over";
        await _process.StandardInput.WriteLineAsync($"{sql}\n\\echo {end}");
        await _process.StandardInput.FlushAsync();
        var milliseconds = double.NaN;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == end) return milliseconds;
            if (line.StartsWith("Time: ", StringComparison.Ordinal)) milliseconds = double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        }

        throw new InvalidOperationException("psql has ended; what it said is above.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
