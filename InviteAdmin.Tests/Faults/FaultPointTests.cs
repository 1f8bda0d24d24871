using System.Text.RegularExpressions;
using InviteAdmin.Data;
using InviteAdmin.Outbox;
using InviteAdmin.Redis;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Quartz;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>Every fault point is known, is passed by every flow that is said to pass it, and a fault there leaves all or nothing.</summary>
[Collection(LoadCollection.Name)]
public sealed partial class FaultPointTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Times = 3;
    private static readonly string Root = InviteAdmin.Hosting.Settings.Root()!;
    private readonly FreshDatabase _database = new();
    private readonly FreshDatabase _mailDatabase = new();
    private readonly ScratchFolder _folder = new();
    private readonly SmtpServer _mail = new();
    private readonly RunningApp _app = new();
    private FaultLab _lab = null!;
    private int _calls;

    private string PlanFile => Path.Combine(_folder.Path, "plan");

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        await _mailDatabase.InitializeAsync();
        await ((IAsyncLifetime)_app).InitializeAsync();
        // What the app does beside its requests passes the same points in this process, and would meet the faults first.
        foreach (var work in (BackgroundService[])[_app.Services.GetRequiredService<RankFollower>(), _app.Services.GetRequiredService<OutboxDispatcher>()]) await work.StopAsync(default);
        await (await _app.Services.GetRequiredService<ISchedulerFactory>().GetScheduler()).Standby();
        _lab = FaultLab.On(_database, _mailDatabase, _mail.Port, _app);
    }

    [Fact]
    public void Points_InTheCode_AreOfTheListAndAllOfThemUsed() =>
        Assert.Equal(FaultPoints.All.Order(), Sources().SelectMany(f => Passage().Matches(f.Text)).Select(m => (string)typeof(FaultPoints).GetField(m.Groups[1].Value)!.GetValue(null)!).Distinct().Order());

    [Fact]
    public void Commits_InTheCode_StandBetweenTheirPoints() =>
        Assert.Empty(Sources().SelectMany(f => RawCommit().Matches(f.Text).Where(m => !GuardedCommit().IsMatch(f.Text[..(m.Index + m.Length)]) || !AfterCommit().IsMatch(f.Text[(m.Index + m.Length)..])).Select(_ => f.Name)));

    [Fact]
    public void Flows_ThatPassPoints_AreAllListed()
    {
        var found = Sources().Where(f => f.Name is not ("Transactions" or "FaultPoints" or "RedisServer")).SelectMany(f => Regex.IsMatch(f.Text, @"\btransactions\.Run|\.CommitOuter\(") ? [(f.Name, "commit")] : Array.Empty<(string, string)>())
            .Concat(Sources().SelectMany(f => SharedWrite().Matches(f.Text)).Select(m => (m.Groups[1].Value, "commit")))
            .Concat(Sources().Where(f => f.Text.Contains("redis.Try(", StringComparison.Ordinal)).Select(f => (f.Name, "redis")))
            .Concat(Sources().Where(f => f.Name is not ("RedisServer" or "SharedCommit")).SelectMany(f => Passage().Matches(f.Text).Where(m => !m.Groups[3].Value.StartsWith("_innerFlow", StringComparison.Ordinal) && m.Groups[3].Value != "flow")
                .Select(m => (m.Groups[4].Success ? m.Groups[4].Value : f.Name, m.Groups[2].Value.ToLowerInvariant()))));
        Assert.Equal(FaultFlows.All.Select(f => (f.Name, f.Kind)).Distinct().Order(), found.Distinct().Order());
    }

    [Fact]
    public async Task Points_InProduction_AreDeadWhateverIsAsked()
    {
        await File.WriteAllTextAsync(PlanFile, $"ClaimMail.{FaultPoints.BeforeCommit} kill\n");
        await using var production = await AppProcess.Start(new Dictionary<string, string>(_mailDatabase.Settings)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production", ["INVITEADMIN_FAULTS"] = PlanFile, ["App__PublicUrl"] = "https://invite.example.com", ["Hosting__DrainSeconds"] = "0", ["Mail__Channel"] = "smtp",
            ["Mail__Smtp__Host"] = "127.0.0.1", ["Mail__Smtp__Port"] = $"{_mail.Port}", ["Mail__Smtp__StartTls"] = "false",
        });
        await _lab.Mail(_lab.SmtpMail, 0);
        await WaitFor.True(() => Task.FromResult(!_mail.Taken.IsEmpty));
        Assert.False(File.Exists(PlanFile + ".met"));
    }

    [Fact]
    public async Task Fault_AtEveryPointOfEveryFlow_LeavesAllOrNothing_n3Each()
    {
        var plan = FaultPoints.Arm(PlanFile)!;
        try
        {
            foreach (var flow in FaultFlows.All)
                for (var time = 0; time < Times; time++)
                    foreach (var point in flow.Points)
                        await Meet(flow, point);

            var met = (await File.ReadAllLinesAsync(PlanFile + ".met")).CountBy(l => l.Split(' ')[0]).ToDictionary();
            Assert.All(FaultFlows.All.SelectMany(f => f.Points.Select(p => $"{f.Name}.{p}")), name => Assert.True(met.GetValueOrDefault(name) >= Times && plan.Passages[name] >= Times, $"{name} was met {met.GetValueOrDefault(name)} times"));
            output.WriteLine($"n = {met.Values.Sum()} faults at {met.Count} points of {FaultFlows.All.Count} flows.");
        }
        finally
        {
            FaultPoints.Arm(null);
        }

        Assert.Empty(await _lab.Product.Violations());
    }

    public async Task DisposeAsync()
    {
        await _lab.DisposeAsync();
        await ((IAsyncLifetime)_app).DisposeAsync();
        await _mail.DisposeAsync();
        await _mailDatabase.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    private async Task Meet(FaultFlow flow, string point)
    {
        var act = await flow.Ready(_lab, ++_calls);
        var before = await _lab.Fingerprint();
        await File.WriteAllTextAsync(PlanFile, $"{flow.Name}.{point} throw 1 {_calls}\n");
        var fault = await Record.ExceptionAsync(act);
        await File.WriteAllTextAsync(PlanFile, "");
        if (!flow.Whole) return;
        Assert.True(fault is TimeoutException, $"{flow.Name}.{point}: {fault}");
        Assert.True(await _lab.Fingerprint() == before == (point == FaultPoints.BeforeCommit), $"{flow.Name}.{point} left something between");
    }

    private static IEnumerable<(string Name, string Text)> Sources() => ((string[])["InviteAdmin", "InviteAdmin.Core"])
        .SelectMany(p => Directory.EnumerateFiles(Path.Combine(Root, p), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
        .Select(f => (Path.GetFileNameWithoutExtension(f), File.ReadAllText(f)));

    [GeneratedRegex(@"FaultPoints\.Pass\(FaultPoints\.((?:Before|After)(\w+))(?:, ([^)]*?""?(?:(\w+)"")?))?\)")]
    private static partial Regex Passage();

    [GeneratedRegex(@"class (\w+)[^\n]*: ISharedWrite<")]
    private static partial Regex SharedWrite();

    [GeneratedRegex(@"\.CommitAsync\([^)]*\);\n")]
    private static partial Regex RawCommit();

    [GeneratedRegex(@"FaultPoints\.BeforeCommit[^\n]*\n[^\n]*\.CommitAsync\([^)]*\);\n$")]
    private static partial Regex GuardedCommit();

    [GeneratedRegex(@"^[^\n]*FaultPoints\.AfterCommit")]
    private static partial Regex AfterCommit();
}
