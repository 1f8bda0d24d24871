using InviteAdmin.Data;
using InviteAdmin.Outbox;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>A process of its own is killed at every point of every flow: what it leaves is all or nothing.</summary>
public sealed class FaultKillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private readonly FreshDatabase _mailDatabase = new();
    private readonly ScratchFolder _folder = new();
    private readonly SmtpServer _mail = new();
    private FaultLab _lab = null!;
    private int _calls;

    private string PlanFile => Path.Combine(_folder.Path, "plan");

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        await _mailDatabase.InitializeAsync();
        _lab = FaultLab.On(_database, _mailDatabase, _mail.Port, app: null);
    }

    /// <summary>The stages of a mail's talk lie inside the library that sends, so the mail server kills the process when it hears of one.</summary>
    [Fact]
    public async Task Kill_AtEveryStageOfTheTalkWithAMailServer_MailComesOnceOrTwiceTheSame_n1Each()
    {
        var (times, killed) = (Trials.Of(1, 3), 0);
        var flow = FaultFlows.All.Single(f => f.Kind == "smtp");
        for (var time = 0; time < times; time++)
            foreach (var stage in (string[])["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT", "TAKEN"])
            {
                using var child = await FaultChild.Begin(flow, 20_000 + ++_calls, _database, _mailDatabase, _mail.Port, PlanFile);
                _mail.Reached = reached => { if (reached == stage) child.Kill(); };
                Assert.Equal(FaultChild.Killed, await child.Go());
                _mail.Reached = null;
                await using (var expire = _mailDatabase.Source.CreateCommand("UPDATE outbox SET lease_until = now() WHERE lease_until IS NOT NULL")) await expire.ExecuteNonQueryAsync();
                await WaitFor.True(async () => await _lab.SmtpMail.One<OutboxDispatcher>().Step(default) == 0 && await _mailDatabase.Scalar<long>("SELECT count(*) FROM outbox WHERE state <> 'sent'") == 0);
                Assert.Equal(++killed, _mail.MessageIds.Distinct().Count());
            }

        // Twice came only what had been taken whole when its sender died, and perhaps what was about to be.
        Assert.InRange(_mail.Taken.Count - killed, times, 2 * times);
        output.WriteLine($"n = {killed} kills, {times} at each stage; {_mail.Taken.Count - killed} copies.");
    }

    /// <summary>At one point of each flow always, another one each time; at all of them, three times, at night.</summary>
    [Fact]
    public async Task Kill_AtPointsOfEveryFlowOfTheCore_LeavesAllOrNothing_n1Each()
    {
        var (times, killed, turn) = (Trials.Of(1, 3), 0, Environment.TickCount & 0xFFFF);
        foreach (var flow in FaultFlows.All.Where(f => !f.Web))
            for (var time = 0; time < times; time++)
                foreach (var point in Trials.Nightly ? flow.Points : [flow.Points.ElementAt(++turn % flow.Points.Count())])
                {
                    using var child = await FaultChild.Begin(flow, 10_000 + ++_calls, _database, _mailDatabase, _mail.Port, PlanFile);
                    var before = await _lab.Fingerprint();
                    await File.WriteAllTextAsync(PlanFile, $"{flow.Name}.{point} kill\n");
                    Assert.Equal(FaultChild.Killed, await child.Go());
                    Assert.True(!flow.Whole || await _lab.Fingerprint() == before == (point == FaultPoints.BeforeCommit), $"{flow.Name}.{point} left something between");
                    killed++;
                }

        output.WriteLine($"n = {killed} kills of {FaultFlows.All.Count(f => !f.Web)} flows.");
        Assert.Empty(await _lab.Product.Violations());
    }

    public async Task DisposeAsync()
    {
        await _lab.DisposeAsync();
        await _mail.DisposeAsync();
        await _mailDatabase.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }
}
