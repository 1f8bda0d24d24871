using InviteAdmin.Data;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>Processes that are killed, under load and at every place where it could hurt.</summary>
[Collection(LoadCollection.Name)]
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    // What the load passes; every other kill waits for one of these, the others come at any moment.
    private static readonly string[] Points =
    [
        .. from flow in (string[])["JoinWrite", "ConfirmWrite", "RedeemWrite", "ReleaseCohort", "ClaimMail", "FinishMail", "RankFollower"]
           from point in (string[])[FaultPoints.BeforeCommit, FaultPoints.AfterCommit]
           select $"{flow}.{point}",
        $"SmtpChannel.{FaultPoints.BeforeSmtp}", $"SmtpChannel.{FaultPoints.AfterSmtp}", $"RankBoard.{FaultPoints.BeforeRedis}", $"RankBoard.{FaultPoints.AfterRedis}",
        $"RankFollower.{FaultPoints.BeforeRedis}", $"RankFollower.{FaultPoints.AfterRedis}",
    ];

    private readonly FreshDatabase _database = new();
    private TwoApps _apps = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _apps = new TwoApps(_database.Postgres, _database.Redis);
        await _apps.Start();
    }

    [Fact]
    public async Task Kill9_UnderMixedLoad_NothingIsLostDoubledOrHalfDone_n50()
    {
        var (kills, slowest) = (Trials.Of(50, 500), TimeSpan.Zero);
        // A killed one comes back while the other is at work, and may find that one killed too.
        Task[] back = [Task.CompletedTask, Task.CompletedTask];
        await using var load = new MixedLoad(_apps.Addresses, _database.Source);
        await load.Begin();
        for (var kill = 0; kill < kills; kill++)
        {
            var victim = kill % 2;
            await back[victim];
            if (kill % 5 is 1 or 3)
            {
                await load.Served(perDoor: Random.Shared.Next(1, 10), only: victim);
                await _apps.Kill(victim);
            }
            else
            {
                var point = Points[kill * 3 / 5 % Points.Length];
                _apps.Arm(victim, $"{point} kill {Random.Shared.Next(1, 4)}");
                await _apps.Died(victim);
                _apps.Arm(victim);
            }

            back[victim] = ComeBack(victim);
        }

        await Task.WhenAll(back);
        await load.End();
        var (wrong, copies) = await new OutsideCheck(_database.Source, load, _apps.Mail).Run(_apps.Excused);
        output.WriteLine($"n = {kills} kills; ready again after at most {slowest.TotalSeconds:0.0} s; {load.Summary}; {_apps.Mail.Taken.Count} mails, {copies} copies.");
        Assert.Empty(wrong);

        async Task ComeBack(int victim)
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            await _apps.Start(victim);
            slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
        }
    }

    public async Task DisposeAsync()
    {
        await _apps.DisposeAsync();
        await _database.DisposeAsync();
    }
}
