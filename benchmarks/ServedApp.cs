using System.Diagnostics;
using System.Globalization;
using InviteAdmin.Hosting;

namespace InviteAdmin.Benchmarks;

/// <summary>The app as its users run it: a process of its own with its loops, API and dashboard, on a launch's database and a private Redis.</summary>
internal sealed class ServedApp : IAsyncDisposable
{
    public const string Key = "dev_benchmark0123456789abcdefghi";
    private readonly Process _process;

    private ServedApp(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Megabytes the process holds, as the kernel counts them.</summary>
    public long Megabytes => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").Single(l => l.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    /// <summary>Starts it and waits until it serves; says how long that took.</summary>
    public static async Task<(ServedApp App, TimeSpan Took)> Start(string postgres, string redis, string? program = null)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var start = new ProcessStartInfo(program ?? Path.Combine(AppContext.BaseDirectory, "../../../../InviteAdmin/bin/Release/net10.0/InviteAdmin")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development", ["ASPNETCORE_URLS"] = address.OriginalString, ["ConnectionStrings__Postgres"] = postgres, ["ConnectionStrings__Redis"] = redis,
            ["Demo__Load"] = "false", ["Mail__Channel"] = "redis", ["Api__DevelopmentKey"] = Key, ["Limits__KeyPerMinute"] = "100000000", ["Limits__AnonymousPerMinute"] = "100000000",
        })
        {
            start.Environment[name] = value;
        }

        var clock = Stopwatch.StartNew();
        var app = new ServedApp(Process.Start(start)!, address);
        app._process.OutputDataReceived += (_, _) => { };
        app._process.BeginOutputReadLine();
        var errors = app._process.StandardError.ReadToEndAsync();
        using var client = new HttpClient { BaseAddress = address };
        while (true)
        {
            if (app._process.HasExited) throw new InvalidOperationException($"The app ended: {await errors}");
            try
            {
                if ((await client.GetAsync("/healthz/ready")).IsSuccessStatusCode) return (app, clock.Elapsed);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(10);
            }
        }
    }

    /// <summary>Holds it still, so that its mail delivery and its jobs take nothing from what is measured without it.</summary>
    public Task Freeze() => Signal("-STOP");

    public Task Thaw() => Signal("-CONT");

    private Task Signal(string signal) => Command.Run(["kill", signal, _process.Id.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Thaw();
        await Signal("-TERM");
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
