using System.Diagnostics;
using System.Globalization;
using InviteAdmin.Data;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Faults;

/// <summary>The tests' own program as a process beside them: it makes ready for one flow, says so, and runs it when told, to be killed on the way.</summary>
public sealed class FaultChild : IDisposable
{
    /// <summary>128 and the number of SIGKILL.</summary>
    public const int Killed = 137;

    private readonly Process _process;

    private FaultChild(Process process) => _process = process;

    public static async Task<FaultChild> Begin(FaultFlow flow, int call, FreshDatabase database, FreshDatabase mail, int smtpPort, string plan)
    {
        await File.WriteAllTextAsync(plan, "");
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(FaultChild).Assembly.Location, flow.Name, flow.Kind, call.ToString(CultureInfo.InvariantCulture),
            database.Postgres, database.Redis, mail.Postgres, mail.Redis, smtpPort.ToString(CultureInfo.InvariantCulture), plan]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_TieredPGO"] = "0";
        var child = new FaultChild(Process.Start(start)!);
        for (string? line; (line = await child._process.StandardOutput.ReadLineAsync()) != "ready";)
            if (line is null) throw new InvalidOperationException($"{flow.Name} could not be made ready.");
        return child;
    }

    /// <summary>Lets it go and answers the exit code.</summary>
    public async Task<int> Go()
    {
        await _process.StandardInput.WriteLineAsync("go");
        await _process.StandardInput.FlushAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    /// <summary>What runs in that process.</summary>
    public static async Task<int> Main(string[] args)
    {
        var flow = FaultFlows.All.Single(f => f.Name == args[0] && f.Kind == args[1]);
        await using var lab = FaultLab.On(FreshDatabase.Of(args[3], args[4]), FreshDatabase.Of(args[5], args[6]), int.Parse(args[7], CultureInfo.InvariantCulture), app: null);
        var act = await flow.Ready(lab, int.Parse(args[2], CultureInfo.InvariantCulture));
        FaultPoints.Arm(args[8]);
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        await act();
        return 0;
    }
}
