using System.Diagnostics;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>Holders of a lease that die or freeze: their work is taken over in time, and one that wakes up writes nothing.</summary>
public sealed class LeaseTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int People = 1_000;
    private static readonly TimeSpan MostToFinish = TimeSpan.FromSeconds(60);
    private readonly FreshDatabase _database = new();
    private TwoApps _apps = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _apps = new TwoApps(_database.Postgres, _database.Redis);
        await _apps.Start();
    }

    [Fact]
    public async Task BothProcesses_KilledInAReleaseOf1000AndInItsMail_FinishWithin60Seconds_n1()
    {
        var slowest = TimeSpan.Zero;
        var trials = Trials.Of(1, 10);
        for (var trial = 0; trial < trials; trial++)
        {
            var point = $"QueueRelease.{FaultPoints.BeforeCommit} hold";
            await Queue(trial);
            await Both(point, () => _apps.Arm(0, point), () => _apps.Arm(1, point), () => Press($"killed-{trial}"));
            await Task.WhenAll(_apps.Kill(0), _apps.Kill(1));
            Assert.Equal(trial * People, await Count("cohort_entries"));

            // The second time they die with half of the mail out.
            var mail = $"SmtpChannel.{FaultPoints.AfterSmtp} kill 200";
            _apps.Arm(0);
            _apps.Arm(1);
            var back = Stopwatch.StartNew();
            await _apps.Start();
            _apps.Arm(0, mail);
            _apps.Arm(1, mail);
            await Task.WhenAll(_apps.Died(0), _apps.Died(1));
            _apps.Arm(0);
            _apps.Arm(1);
            await _apps.Start();
            await WaitFor.True(async () => await Count("operations WHERE state <> 'done'") == 0 && await Count("outbox WHERE state = 'pending'") == 0, TimeSpan.FromSeconds(120));
            slowest = back.Elapsed > slowest ? back.Elapsed : slowest;
        }

        var copies = _apps.Mail.Taken.Count - (trials * People);
        output.WriteLine($"n = {trials} releases of {People}; released and mailed after at most {slowest.TotalSeconds:0.0} s, through a second death; {copies} copies of mails.");
        await Released(trials);
        Assert.InRange(copies, 0, _apps.Excused);
        Assert.True(slowest < MostToFinish, $"took {slowest}");
    }

    [Fact]
    public async Task LeaseHolder_FrozenInARelease_IsReplacedAndWritesNothingWhenItWakes_n1()
    {
        var point = $"QueueRelease.{FaultPoints.BeforeCommit} hold";
        await Queue(0);
        _apps.Arm(0, point);
        _apps.Arm(1, point);
        await Press("frozen");
        await WaitFor.True(async () => await Count("operations WHERE state = 'running'") == 1);
        var holder = await Holder("SELECT process FROM operations");
        await _apps.Met(holder, point);
        await _apps[holder].Signal("STOP");
        _apps.Arm(1 - holder);

        var clock = Stopwatch.StartNew();
        await WaitFor.True(async () => await Count("operations WHERE state = 'done'") == 1, MostToFinish);
        output.WriteLine($"n = 1; taken over and finished {clock.Elapsed.TotalSeconds:0.0} s after the freeze.");
        Assert.Equal(1 - holder, await Holder("SELECT process FROM operations"));
        var before = await Holdings();
        _apps.Arm(holder);
        await _apps[holder].Signal("CONT");
        await WaitFor.True(() => Task.FromResult(_apps[holder].Output.Contains("taken over", StringComparison.Ordinal) || _apps[holder].Output.Contains("Long work waits", StringComparison.Ordinal)
            || _apps[holder].Output.Contains("Operation ", StringComparison.Ordinal)));
        Assert.Equal(before, await Holdings());
        await Released(1);
    }

    [Fact]
    public async Task LeaseHolder_FrozenWithMailInItsHand_IsReplacedAndWritesNothingWhenItWakes_n1()
    {
        var point = $"FinishMail.{FaultPoints.BeforeCommit} hold";
        _apps.Arm(0, point);
        _apps.Arm(1, point);
        await _database.Execute("INSERT INTO outbox (template, dedupe_key, recipient, payload) VALUES ('welcome', 'frozen', 'ann@example.com', '{\"name\": \"Ann\", \"statusToken\": \"t\", \"referralToken\": \"r\"}')");
        await WaitFor.True(() => Task.FromResult(!_apps.Mail.Taken.IsEmpty));
        await WaitFor.True(() => Task.FromResult(_apps.WhoMet(point) is not null));
        var holder = _apps.WhoMet(point)!.Value;
        await _apps[holder].Signal("STOP");
        _apps.Arm(1 - holder);
        var clock = Stopwatch.StartNew();
        await WaitFor.True(async () => await Count("outbox WHERE state = 'sent'") == 1, MostToFinish);
        output.WriteLine($"n = 1; taken over {clock.Elapsed.TotalSeconds:0.0} s after the freeze.");

        _apps.Arm(holder);
        await _apps[holder].Signal("CONT");
        await _database.Execute("INSERT INTO outbox (template, dedupe_key, recipient, payload) VALUES ('welcome', 'after', 'ben@example.com', '{\"name\": \"Ben\", \"statusToken\": \"t\", \"referralToken\": \"r\"}')");
        await WaitFor.True(async () => await Count("outbox WHERE state = 'sent'") == 2);
        Assert.Equal((1L, 1L), (await Count("outbox_attempts a JOIN outbox o ON o.id = a.outbox_id WHERE o.dedupe_key = 'frozen'"), await Count("outbox WHERE dedupe_key = 'frozen' AND lease_token IS NULL")));
        Assert.Equal(1 - holder, await Holder("SELECT process FROM outbox_attempts a JOIN outbox o ON o.id = a.outbox_id WHERE o.dedupe_key = 'frozen'"));
        Assert.Equal(2, _apps.Mail.MessageIds.Take(2).Count());
        Assert.Single(_apps.Mail.MessageIds.Take(2).Distinct());
    }

    public async Task DisposeAsync()
    {
        await _apps.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Arms both, presses the button, and returns when one of them has met the point.</summary>
    private async Task Both(string point, Action one, Action other, Func<Task> press)
    {
        one();
        other();
        await press();
        await WaitFor.True(() => Task.FromResult(_apps.WhoMet(point) is not null));
    }

    private Task Queue(int trial) => _database.Execute($"""
        INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
        SELECT 'wl_{trial}_' || i, 'p-{trial}-' || i || '@example.com', 'p-{trial}-' || i || '@example.com', 'Ann', 'waiting', 'r{trial}-' || i, 's{trial}-' || i, now() FROM generate_series(1, {People}) i
        """);

    private async Task Press(string key)
    {
        await using var product = new Product(_database);
        (await product.Do<QueueRelease, Outcome<string>>(q => q.Start(Product.Owner, new ReleaseRequest(People), key, default))).Must();
    }

    private async Task Released(int times)
    {
        Assert.Equal((times, times * People), ((int)await Count("cohorts"), (int)await Count("cohort_entries")));
        Assert.Equal(times * People, await Count("waitlist_entries WHERE status = 'invited'"));
        Assert.Equal(times * People, await Count("(SELECT DISTINCT entry_id FROM outbox WHERE template = 'invitation') o"));
        Assert.Equal("", await _database.Scalar<string>("SELECT coalesce(string_agg(invariant, '; '), '') FROM invariant_check WHERE violations <> 0"));
    }

    /// <summary>What a woken process could have spoilt.</summary>
    private Task<string> Holdings() => _database.Scalar<string>("""
        SELECT (SELECT coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM operations t) || (SELECT coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM cohorts t)
          || (SELECT count(*) FROM cohort_entries) || (SELECT count(*) FROM invite_codes) || (SELECT count(*) FROM outbox)
        """);

    private async Task<int> Holder(string sql)
    {
        var process = await _database.Scalar<string>(sql);
        return process.EndsWith($":{_apps[0].Id}", StringComparison.Ordinal) ? 0 : 1;
    }

    private Task<long> Count(string of) => _database.Scalar<long>($"SELECT count(*) FROM {of}");
}
