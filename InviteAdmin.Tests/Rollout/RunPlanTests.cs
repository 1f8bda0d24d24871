using InviteAdmin.Access;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Rollout;

/// <summary>The plan's batch of the day, with a clock of the test's own.</summary>
public sealed class RunPlanTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private readonly ManualTime _time = new(At("2027-06-07T08:59:00Z"));
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database, _time);
        for (var i = 0; i < 5; i++) await _product.Waiting($"person{i}@example.com");
        await _database.Execute("UPDATE rollout_plans SET state = 'running', batch_size = 1, send_at = '09:00', zone = 'Etc/UTC'");
    }

    [Fact]
    public async Task RunPlan_BeforeSendTime_DoesNothingAndWritesNothing()
    {
        Assert.Equal("not-yet", (await Run()).Outcome);
        Assert.Equal((0L, 0L), (await Count("cohorts"), await Count("rollout_decisions")));
    }

    [Fact]
    public async Task RunPlan_AskedAllDayByTwoAtOnce_ReleasesOnceADay_n40()
    {
        await using var other = new Product(_database, _time);
        Product[] both = [_product, other];
        for (var day = 1; day <= 4; day++, _time.Now += TimeSpan.FromDays(1))
        {
            for (var hour = 0; hour < 10; hour++)
            {
                _time.Now = At($"2027-06-{6 + day:00}T{9 + hour:00}:00:00Z");
                Assert.All(await Race.Of(2, i => Run(both[i])), d => Assert.Equal(("released", day), (d.Outcome, d.Cohort!.Number)));
            }
        }

        Assert.Equal((4L, 4L, 4L), (await Count("cohorts"), await Count("waitlist_entries WHERE status = 'invited'"), await Count("rollout_decisions WHERE cohort_id IS NOT NULL")));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RunPlan_DownOverThreeDueTimes_CatchesUpOnceForToday()
    {
        _time.Now = At("2027-06-07T09:00:00Z");
        await Run();
        _time.Now = At("2027-06-10T17:43:00Z");
        await Run();
        await Run();
        Assert.Equal("2027-06-07,2027-06-10", await _database.Scalar<string>("SELECT string_agg(local_date::text, ',' ORDER BY local_date) FROM cohorts"));
        Assert.Empty(await _product.Violations());
    }

    [Theory]
    [InlineData("off-day", "days = ARRAY['tue']")]
    [InlineData("draft", "state = 'draft'")]
    [InlineData("paused", "state = 'paused', paused_by = 'Ann'")]
    [InlineData("no-capacity", "capacity = 0")]
    [InlineData("empty", "batch_size = 1", "UPDATE waitlist_entries SET status = 'declined'")]
    public async Task RunPlan_NothingToSend_IsADecisionWithItsInputs(string outcome, string plan, string? also = null)
    {
        await _database.Execute($"UPDATE rollout_plans SET {plan}");
        if (also is not null) await _database.Execute(also);
        _time.Now = At("2027-06-07T09:00:00Z");
        for (var i = 0; i < 3; i++) Assert.Equal(outcome, (await Run()).Outcome);
        Assert.Equal($"{outcome} 2027-06-07 2027-06-07T09:00:00+00:00 1",
            await _database.Scalar<string>("SELECT min(outcome) || ' ' || min(local_date) || ' ' || min(inputs->>'localTime') || ' ' || count(*) FROM rollout_decisions"));
        Assert.Equal((0L, 0L), (await Count("cohorts"), await Count("outbox WHERE template = 'invitation'")));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task RunPlan_LastSeatGivenToday_SaysReleasedAndNotFull()
    {
        await _database.Execute("UPDATE rollout_plans SET capacity = 1");
        _time.Now = At("2027-06-07T09:00:00Z");
        Assert.Equal("released", (await Run()).Outcome);
        Assert.Equal("released", (await Run()).Outcome);
        Assert.Equal("released", await _database.Scalar<string>("SELECT string_agg(outcome, ',') FROM rollout_decisions"));
        _time.Now += TimeSpan.FromDays(1);
        Assert.Equal("no-capacity", (await Run()).Outcome);
    }

    [Theory]
    [InlineData("Europe/Berlin", "02:30", "2027-03-28", "2027-03-28T01:00:00Z")]
    [InlineData("Europe/Berlin", "02:30", "2027-10-31", "2027-10-31T00:30:00Z")]
    [InlineData("America/New_York", "02:30", "2027-03-14", "2027-03-14T07:00:00Z")]
    [InlineData("America/New_York", "01:30", "2027-11-07", "2027-11-07T05:30:00Z")]
    [InlineData("Australia/Lord_Howe", "02:15", "2027-10-03", "2027-10-02T15:30:00Z")]
    [InlineData("Australia/Lord_Howe", "01:45", "2027-04-04", "2027-04-03T14:45:00Z")]
    [InlineData("Etc/UTC", "00:00", "2028-02-29", "2028-02-29T00:00:00Z")]
    public async Task RunPlan_WhenClocksChange_OnceAtTheFirstMomentThatIsDue(string zone, string sendAt, string date, string expected)
    {
        await _database.Execute($"UPDATE rollout_plans SET zone = '{zone}', send_at = '{sendAt}'");
        // From before the local midnight until after the next one, every 15 minutes.
        _time.Now = At(expected) - TimeSpan.FromHours(4);
        DateTimeOffset? released = null;
        for (var end = At(expected) + TimeSpan.FromHours(26); _time.Now < end; _time.Now += TimeSpan.FromMinutes(15))
        {
            var decision = await Run();
            if (decision.Outcome == "released" && $"{decision.LocalDate:yyyy-MM-dd}" == date) released ??= _time.Now;
        }

        Assert.Equal(At(expected), released);
        Assert.Equal(1, await Count($"cohorts WHERE local_date = '{date}'"));
        Assert.InRange(await Count("cohorts"), 2, 3);
        Assert.Empty(await _product.Violations());
    }

    [Theory]
    [InlineData(-24)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(24)]
    public async Task RunPlan_OneProcessClockIsHoursOff_OneBatchForTheDatabasesDate_n50(int hours)
    {
        // Since midnight of the database's day the batch is due, and it was never sent before: a process that is a day behind could think of yesterday's.
        await _database.Execute("UPDATE rollout_plans SET send_at = '00:00'");
        var today = await _database.Scalar<string>("SELECT to_char(now() AT TIME ZONE 'Etc/UTC', 'YYYY-MM-DD')");
        await using var right = new Product(_database);
        await using var wrong = new Product(_database, new MovedTime(TimeSpan.FromHours(hours)));
        Product[] both = [right, wrong];
        for (var round = 0; round < 25; round++) Assert.All(await Race.Of(2, i => Run(both[(i + round) % 2])), d => Assert.Equal("released", d.Outcome));

        var tomorrow = await _database.Scalar<string>("SELECT to_char(now() AT TIME ZONE 'Etc/UTC', 'YYYY-MM-DD')");
        Assert.Equal(today == tomorrow ? today : $"{today},{tomorrow}", await _database.Scalar<string>("SELECT string_agg(local_date::text, ',' ORDER BY local_date) FROM cohorts"));
        // What a moved clock makes ends when the database says.
        Assert.Equal(0, await Count("invite_codes WHERE expires_at NOT BETWEEN now() + interval '7 days' - interval '5 minutes' AND now() + interval '7 days 2 minutes'"));
        Assert.Empty(await _product.Violations());
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private Task<PlanDecision> Run() => Run(_product);

    private static async Task<PlanDecision> Run(Product product) => (await product.Do<RunPlan, Outcome<PlanDecision>>(b => b.Run(Actor.System, default))).Must();

    private Task<long> Count(string what) => _database.Scalar<long>($"SELECT count(*) FROM {what}");
}
