using System.Diagnostics;
using System.Text;
using InviteAdmin.Hosting;

namespace InviteAdmin.Tests.Support;

/// <summary>The built app as a process of its own: for signals, kills, several processes on one database, and what it prints.</summary>
public sealed class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private AppProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int Id => _process.Id;

    public string Output { get { lock (_output) return _output.ToString(); } }

    public string Errors { get { lock (_errors) return _errors.ToString(); } }

    /// <summary>Starts it and returns at once; settings are environment variables (<c>ConnectionStrings__Postgres</c>).</summary>
    public static AppProcess Begin(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort.Next()}";
        foreach (var (name, value) in settings) start.Environment[name] = value;

        var app = new AppProcess(Process.Start(start)!, new Uri(start.Environment["ASPNETCORE_URLS"]!));
        app._process.OutputDataReceived += (_, line) => Keep(app._output, line.Data);
        app._process.ErrorDataReceived += (_, line) => Keep(app._errors, line.Data);
        app._process.BeginOutputReadLine();
        app._process.BeginErrorReadLine();
        return app;

        static void Keep(StringBuilder to, string? line)
        {
            if (line is not null) lock (to) to.AppendLine(line);
        }
    }

    /// <summary>Starts it and returns when it is ready to serve.</summary>
    public static async Task<AppProcess> Start(IReadOnlyDictionary<string, string> settings)
    {
        var app = Begin(settings);
        try
        {
            await app.Ready();
            return app;
        }
        catch
        {
            app.Kill();
            throw;
        }
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<AppProcess> Finish(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var app = Begin(settings, arguments);
        app._process.StandardInput.Close();
        await app.Exit();
        return app;
    }

    public async Task Ready()
    {
        using var client = new HttpClient { BaseAddress = Address };
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            if (_process.HasExited) throw new InvalidOperationException($"The app ended with {_process.ExitCode}: {Errors}{Output}");
            if (waited.Elapsed > Patience) throw new TimeoutException($"The app is not ready: {Errors}{Output}");
            try
            {
                if ((await client.GetAsync("/healthz/ready")).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }
    }

    /// <summary>Waits for the end and answers the exit code.</summary>
    public async Task<int> Exit()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, SIGSTOP, SIGCONT and the like, by their short names.</summary>
    public async Task Signal(string name) => await Command.Run(["kill", "-" + name, Id.ToString(System.Globalization.CultureInfo.InvariantCulture)], CancellationToken.None);

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Signal("TERM");
            await Exit();
        }
        _process.Dispose();
    }

    /// <summary>The app's own build folder beside ours, in the same configuration: there its static files are found.</summary>
    private static string Program()
    {
        // ./test publishes the app compiled beforehand: it is started a hundred times.
        if (Environment.GetEnvironmentVariable("INVITEADMIN_APP") is { Length: > 0 } published) return published;
        var ours = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        return Path.Combine([Path.DirectorySeparatorChar.ToString(), .. ours[..^4], "InviteAdmin", .. ours[^3..], "InviteAdmin"]);
    }
}
