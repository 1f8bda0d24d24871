using System.Globalization;
using InviteAdmin.Hosting;

namespace InviteAdmin.Tests.Support;

/// <summary>
/// Two processes of the app on one database and one Redis, mailing to a server of ours. A process that was killed comes back at
/// the same address, as it would behind a load balancer; its faults are armed through a file while it runs.
/// </summary>
public sealed class TwoApps : IAsyncDisposable
{
    private readonly AppProcess?[] _apps = new AppProcess?[2];
    private readonly Dictionary<string, string>[] _settings = new Dictionary<string, string>[2];
    private readonly ScratchFolder _folder = new();

    /// <param name="postgres">What the apps are told.</param>
    /// <param name="redis">Likewise.</param>
    /// <param name="more">Settings on top.</param>
    public TwoApps(string postgres, string redis, params (string Key, string Value)[] more)
    {
        for (var i = 0; i < 2; i++)
        {
            Addresses.Add(new Uri($"http://127.0.0.1:{FreePort.Next()}"));
            _settings[i] = new(StringComparer.Ordinal)
            {
                ["ConnectionStrings__Postgres"] = postgres,
                ["ConnectionStrings__Redis"] = redis,
                ["ASPNETCORE_URLS"] = Addresses[i].ToString(),
                ["INVITEADMIN_FAULTS"] = FaultFile(i),
                // These processes live for seconds: what the compiler would learn of them is not worth its time.
                ["DOTNET_TieredPGO"] = "0",
                ["Demo__Load"] = "false",
                ["Hosting__Quiet"] = "true",
                ["Api__DevelopmentKey"] = AppCluster.Key,
                ["App__PublicUrl"] = "https://invite.example.com",
                ["Limits__KeyPerMinute"] = "10000000",
                ["Limits__AnonymousPerMinute"] = "10000000",
                ["Rollout__UndoSeconds"] = "1",
                ["Mail__Channel"] = "smtp",
                ["Mail__Smtp__Host"] = "127.0.0.1",
                ["Mail__Smtp__Port"] = Mail.Port.ToString(CultureInfo.InvariantCulture),
                ["Mail__Smtp__StartTls"] = "false",
                // The lease of mail follows from it: what a killed process held is free after 12 s.
                ["Mail__Smtp__TimeoutSeconds"] = "3",
            };
            foreach (var (key, value) in more) _settings[i][key] = value;
        }
    }

    public SmtpServer Mail { get; } = new();

    public List<Uri> Addresses { get; } = [];

    /// <summary>Copies of a mail that a kill excuses: those a process may have had in the air.</summary>
    public int Excused => Kills * 8;

    public int Kills { get; private set; }

    public AppProcess this[int i] => _apps[i]!;

    public Task Start() => Task.WhenAll(Start(0), Start(1));

    public async Task Start(int i)
    {
        if (_apps[i] is { } old) await old.DisposeAsync();
        _apps[i] = null;
        _apps[i] = await AppProcess.Start(_settings[i]);
    }

    /// <summary>SIGKILL, and the end of the process.</summary>
    public async Task Kill(int i)
    {
        this[i].Kill();
        await Died(i);
    }

    /// <summary>Waits for a process that an armed fault kills.</summary>
    public async Task Died(int i)
    {
        await this[i].Exit();
        Kills++;
    }

    /// <summary>What process <paramref name="i"/> shall meet from now on; nothing without lines.</summary>
    public void Arm(int i, params string[] lines) => File.WriteAllLines(FaultFile(i), lines);

    /// <summary>Which process an armed line came true in; null as long as in none.</summary>
    public int? WhoMet(string line) => Enumerable.Range(0, 2).Where(i => File.Exists(FaultFile(i) + ".met") && File.ReadAllLines(FaultFile(i) + ".met").Contains(line, StringComparer.Ordinal)).Select(i => (int?)i).FirstOrDefault();

    /// <summary>Waits until a line that was armed came true.</summary>
    public Task Met(int i, string line) => WaitFor.True(() => Task.FromResult(WhoMet(line) == i));

    public async ValueTask DisposeAsync()
    {
        Arm(0);
        Arm(1);
        foreach (var app in _apps)
            if (app is not null) await app.DisposeAsync();
        await Mail.DisposeAsync();
        _folder.Dispose();
    }

    private string FaultFile(int i) => Path.Combine(_folder.Path, $"faults-{i}");
}
