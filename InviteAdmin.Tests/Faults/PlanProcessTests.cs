using System.Diagnostics;
using InviteAdmin.Data;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>The plan run by two processes, one of which dies or freezes in the middle of the day's batch, or of its mail.</summary>
public sealed class PlanProcessTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int People = 1_000;
    private static readonly string Point = $"RunPlan.{FaultPoints.BeforeCommit} hold 2";
    private readonly FreshDatabase _database = new();
    private TwoApps _apps = null!;

    public static TheoryData<string> Ends => Trials.Nightly ? ["KILL", "STOP"] : ["KILL"];

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _apps = new TwoApps(_database.Postgres, _database.Redis);
        await _apps.Start();
    }

    /// <summary>The schedule fires every minute; whoever looks first passes the point once, and holds it the second time with the batch written and not committed.</summary>
    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Batch_ItsProcessEndsInTheMiddle_TheOtherSendsItOnce_n1(string signal)
    {
        await Wait(People + 10);
        _apps.Arm(0, Point);
        _apps.Arm(1, Point);
        await _database.Execute($"UPDATE rollout_plans SET state = 'running', send_at = '00:00', zone = 'Etc/UTC', batch_size = {People}");
        await WaitFor.True(() => Task.FromResult(_apps.WhoMet(Point) is not null), TimeSpan.FromSeconds(90));
        var holder = _apps.WhoMet(Point)!.Value;
        Assert.Equal(0, await Count("cohorts"));
        _apps.Arm(1 - holder);
        var clock = Stopwatch.StartNew();
        if (signal == "KILL") await _apps.Kill(holder);
        else await _apps[holder].Signal(signal);

        await WaitFor.True(async () => await Count("cohorts") > 0, TimeSpan.FromSeconds(120));
        output.WriteLine($"n = 1, SIG{signal}: the batch of {People} was sent {clock.Elapsed.TotalSeconds:0} s later by the other.");
        if (signal == "STOP")
        {
            _apps.Arm(holder);
            await _apps[holder].Signal("CONT");
        }

        await WaitFor.True(async () => await Count("outbox WHERE state = 'pending'") == 0, TimeSpan.FromSeconds(60));
        Assert.Equal((1L, (long)People, 1L), (await Count("cohorts"), await Count("cohort_entries"), await Count("rollout_decisions WHERE outcome = 'released'")));
        Assert.Equal(People, _apps.Mail.MessageIds.Distinct().Count());
        Assert.Equal("", await _database.Scalar<string>("SELECT coalesce(string_agg(invariant, '; '), '') FROM invariant_check WHERE violations <> 0"));
    }

    /// <summary>One process dies when a third has left; the page's time for the rest is what it then takes.</summary>
    [Fact]
    public async Task Batch_PacedWithAKillInTheMiddle_LeavesOnceAndNoFasterThanItsPace()
    {
        var (people, pace) = Trials.Nightly ? (10_000, 6_000) : (200, 600);
        await Wait(people);
        await _database.Execute($"UPDATE rollout_plans SET state = 'running', send_at = '00:00', zone = 'Etc/UTC', batch_size = {people}, mail_per_minute = {pace}");
        await WaitFor.True(async () => await Count("outbox WHERE state = 'sent'") >= people / 3, TimeSpan.FromSeconds(120));
        await _apps.Kill(0);
        var (left, clock) = (await Count("outbox WHERE state = 'pending'"), Stopwatch.StartNew());
        await _apps.Start(0);
        await WaitFor.True(async () => await Count("outbox WHERE state = 'pending'") == 0, TimeSpan.FromSeconds(300));

        var ids = _apps.Mail.MessageIds;
        Assert.Equal(people, ids.Distinct().Count());
        Assert.InRange(ids.Count - people, 0, _apps.Excused);
        // A window of ten seconds, and what was in the air when its first mail was noted.
        var most = await _database.Scalar<long>("SELECT max(n) FROM (SELECT count(*) OVER (ORDER BY sent_at RANGE BETWEEN interval '9 seconds' PRECEDING AND CURRENT ROW) AS n FROM outbox) w");
        Assert.InRange(most, 1, (pace / 6) + 16);
        output.WriteLine($"n = 1: {people} at {pace} a minute, at most {most} in 9 s; the last {left} took {clock.Elapsed.TotalSeconds:0} s, foreseen {60.0 * left / pace:0} s; {ids.Count - people} copies.");
    }

    public async Task DisposeAsync()
    {
        await _apps.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task Wait(int people) => _database.Execute($"""
        INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
        SELECT 'wl_' || i, 'p-' || i || '@example.com', 'p-' || i || '@example.com', 'Ann', 'waiting', 'r-' || i, 's-' || i, now() FROM generate_series(1, {people}) i
        """);

    private Task<long> Count(string of) => _database.Scalar<long>($"SELECT count(*) FROM {of}");
}
