using System.Globalization;
using InviteAdmin.Hosting;
using InviteAdmin.Tests.Support;
using Npgsql;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>PostgreSQL restarted, cut off, swallowed by the network, full and dead under load: the app comes back by itself and nothing acknowledged is lost.</summary>
[Collection(LoadCollection.Name)]
public sealed class PostgresLossTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan MostToReturn = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostToFailOver = TimeSpan.FromSeconds(30);
    private readonly FreshDatabase _redisOnly = new();
    private readonly ScratchFolder _folder = new();

    public Task InitializeAsync() => _redisOnly.InitializeAsync();

    [Fact]
    public async Task Postgres_RestartedAtOnceUnderLoad_ServesAgainByItself_n3()
    {
        await using var postgres = await PostgresCluster.Start(Path.Combine(_folder.Path, "postgres"));
        await Under(postgres, postgres.App, Trials.Of(3, 30), "restarts", (_, _) => postgres.RestartAtOnce());
    }

    [Fact]
    public async Task Postgres_AllSessionsTerminatedUnderLoad_ServesAgainByItself_n5()
    {
        await using var postgres = await PostgresCluster.Start(Path.Combine(_folder.Path, "postgres"));
        await Under(postgres, postgres.App, Trials.Of(5, 60), "times all sessions terminated", (_, _) => postgres.TerminateSessions());
    }

    /// <summary>The worst of them always, the others at night.</summary>
    public static TheoryData<ProxyMode> BadNetworks => Trials.Nightly ? [ProxyMode.BlackHole, ProxyMode.HalfOpen, ProxyMode.Refuse] : [ProxyMode.BlackHole];

    [Theory]
    [MemberData(nameof(BadNetworks))]
    public async Task Postgres_BehindABadNetworkUnderLoad_ServesAgainByItself_n1(ProxyMode mode)
    {
        await using var postgres = await PostgresCluster.Start(Path.Combine(_folder.Path, "postgres"));
        await using var network = new TcpProxy(postgres.Port);
        await Under(postgres, new NpgsqlConnectionStringBuilder(postgres.App.ConnectionString) { Port = network.Port }, Trials.Of(1, 3), $"times {mode}", async (load, _) =>
        {
            if (mode == ProxyMode.BlackHole) network.BlackHole();
            else if (mode == ProxyMode.HalfOpen) network.HalfOpen();
            else network.Refuse();
            // As long as it takes for every client to be told, and then for as long as such a thing lasts.
            var told = load.Unavailable;
            await WaitFor.True(() => Task.FromResult(load.Unavailable > told + 5), TimeSpan.FromSeconds(30));
            await Task.Delay(TimeSpan.FromSeconds(Trials.Of(8, 60)));
            network.Pass();
        });
    }

    [Fact]
    public async Task Postgres_DiskFullUnderLoad_ServesAgainWhenThereIsRoom_n2()
    {
        var disk = Path.Combine(_folder.Path, "disk");
        Directory.CreateDirectory(disk);
        await Mount("mount", "-t", "tmpfs", "-o", "size=256m,mode=755", "tmpfs", disk);
        try
        {
            await using var postgres = await PostgresCluster.Start(Path.Combine(disk, "postgres"));
            await Under(postgres, postgres.App, Trials.Of(2, 10), "times the disk was full", async (load, _) =>
            {
                var filler = Path.Combine(disk, "filler");
                await Command.Run(["dd", "if=/dev/zero", "of=" + filler, "bs=64K"], CancellationToken.None);
                var told = load.Unavailable;
                await WaitFor.True(() => Task.FromResult(load.Unavailable > told + 5), TimeSpan.FromSeconds(60));
                File.Delete(filler);
                // A server that could not even write its log has ended; its supervisor would start it.
                await postgres.EnsureRuns();
            });
        }
        finally
        {
            // The last of the server's processes may take a moment to go.
            await WaitFor.True(async () => (await Command.Run(["umount", disk], CancellationToken.None)).ExitCode == 0);
        }
    }

    [Fact]
    public async Task Postgres_PrimaryDiesAndSynchronousStandbyIsPromoted_ServesAgainWithin30Seconds_n1()
    {
        for (var trial = 0; trial < Trials.Of(1, 10); trial++)
        {
            await using var primary = await PostgresCluster.Start(Path.Combine(_folder.Path, $"primary-{trial}"));
            await using var standby = await primary.SynchronousStandby();
            var both = new NpgsqlConnectionStringBuilder(primary.App.ConnectionString)
            {
                Host = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{primary.Port},127.0.0.1:{standby.Port}"),
                TargetSessionAttributes = "primary",
            };
            await Under(standby, both, 1, "failover", async (_, _) =>
            {
                await primary.StopAtOnce();
                await standby.Promote();
            }, MostToFailOver);
        }
    }

    public async Task DisposeAsync()
    {
        await _redisOnly.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Two apps under load meet a fault so many times: each time they serve again in time, and at the end nothing is missing.</summary>
    private async Task Under(PostgresCluster postgres, NpgsqlConnectionStringBuilder told, int times, string what, Func<MixedLoad, int, Task> fault, TimeSpan? most = null)
    {
        await using var apps = new TwoApps(told.ConnectionString, _redisOnly.Redis);
        await apps.Start();
        await using var load = new MixedLoad(apps.Addresses, postgres.Source);
        await load.Begin();
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < times; i++)
        {
            await load.Served(perDoor: 20);
            await fault(load, i);
            var back = await load.Served();
            slowest = back > slowest ? back : slowest;
        }

        await load.End();
        // The database's absence is no crash of ours: what left was written down when it came back, but for what a cut connection left unsaid.
        var (wrong, copies) = await new OutsideCheck(postgres.Source, load, apps.Mail).Run(excusedCopies: times * 16);
        output.WriteLine($"n = {times} {what}; served again after at most {slowest.TotalSeconds:0.0} s; {load.Summary}; {apps.Mail.Taken.Count} mails, {copies} copies.");
        Assert.Empty(wrong);
        Assert.Empty(load.Slow);
        Assert.True(slowest < (most ?? MostToReturn), $"served again only after {slowest}");
    }

    private static async Task Mount(params string[] line)
    {
        var (exitCode, said) = await Command.Run(line, CancellationToken.None);
        Assert.True(exitCode == 0, $"A full disk is made with a tmpfs, for which this must run as root: {said}");
    }
}
