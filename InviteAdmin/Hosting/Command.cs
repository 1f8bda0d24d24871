using System.Diagnostics;

namespace InviteAdmin.Hosting;

/// <summary>Runs a program of the machine to its end and keeps what it said.</summary>
internal static class Command
{
    /// <summary>Exit code and output (both streams); a cancelled command is killed.</summary>
    public static async Task<(int ExitCode, string Output)> Run(IEnumerable<string> line, CancellationToken cancel)
    {
        var words = line.ToArray();
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The servers' user may not see the folder we were started in.
            WorkingDirectory = "/",
        };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        // Messages are compared with English text.
        start.Environment["LC_ALL"] = "C";

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} did not start.");
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var errors = process.StandardError.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
