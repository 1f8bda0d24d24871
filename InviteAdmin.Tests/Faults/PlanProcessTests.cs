using System.Diagnostics;
using InviteAdmin.Data;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>The plan run by two processes, one of which dies or freezes in the middle of the day's batch.</summary>
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
        await _database.Execute($"""
            INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
            SELECT 'wl_' || i, 'p-' || i || '@example.com', 'p-' || i || '@example.com', 'Ann', 'waiting', 'r-' || i, 's-' || i, now() FROM generate_series(1, {People + 10}) i
            """);
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

    public async Task DisposeAsync()
    {
        await _apps.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<long> Count(string of) => _database.Scalar<long>($"SELECT count(*) FROM {of}");
}
