using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Faults;

/// <summary>Releases that meet: the schedule, the button and the API, in several processes on one database.</summary>
[Collection(LoadCollection.Name)]
public sealed class ReleaseRaceTests(AppCluster cluster, ITestOutputHelper output) : IClassFixture<AppCluster>
{
    private const int Batch = 100;

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Releases_ScheduleButtonAndApiAtOnce_DistinctPeopleAndOneBatchADay(int processes)
    {
        // Half of them are whole processes and take the API calls; the others are the Core with its own connections, where a test can say what day it is.
        var apis = processes / 2;
        var rounds = Trials.Of(10, 100);
        var asked = (2 + apis) * Batch;
        await cluster.Execute(Queue(rounds * asked));
        var before = (await Count("cohorts"), await Count("waitlist_entries WHERE status = 'invited'"));
        var time = new ManualTime(FirstDay(processes));
        // The processes' own schedules look at the real date, on which this plan rests.
        await cluster.Execute($"UPDATE rollout_plans SET state = 'running', send_at = '00:00', batch_size = {Batch}, days = ARRAY['{time.Now.DayOfWeek.ToString()[..3].ToLowerInvariant()}']");
        await using var one = new Product(cluster.Database, time);
        await using var other = new Product(cluster.Database, time);
        Product[] products = processes == 2 ? [one] : [one, other];

        for (var round = 0; round < rounds; round++, time.Now += TimeSpan.FromDays(7))
        {
            var press = string.Create(CultureInfo.InvariantCulture, $"press-{processes}-{round}");
            var calls = new List<Func<Task<string>>>();
            foreach (var product in products)
            {
                calls.Add(() => Batched(product));
                calls.Add(() => Batched(product));
                calls.Add(() => Pressed(product, press));
            }

            calls.AddRange(Enumerable.Range(0, apis).Select(i => (Func<Task<string>>)(async () => (await cluster.PostTo(i, "cohorts", new { count = Batch })).Status.ToString(CultureInfo.InvariantCulture))));
            var answers = await Race.Of(calls.Count, i => calls[i]());
            Assert.Equal(apis, answers.Count(a => a == "201"));
            Assert.Equal(products.Length * 2, answers.Count(a => a == "released"));
            await WaitFor.True(async () => await Count("operations WHERE state <> 'done'") == 0);
        }

        output.WriteLine($"n = {rounds} rounds, {processes} processes, {rounds * asked} people.");
        Assert.Equal((before.Item1 + rounds * (2 + apis), before.Item2 + rounds * asked), (await Count("cohorts"), await Count("waitlist_entries WHERE status = 'invited'")));
        Assert.Equal(before.Item2 + rounds * asked, await Count("cohort_entries"));
        Assert.Equal(0, await Count("(SELECT 1 FROM cohort_entries GROUP BY entry_id HAVING count(*) > 1) twice"));
        Assert.Equal(0, await Count("(SELECT 1 FROM outbox WHERE template = 'invitation' GROUP BY entry_id HAVING count(*) > 1) twice"));
        Assert.Equal(0, await Count("(SELECT 1 FROM invite_codes WHERE kind = 'waitlist' GROUP BY entry_id HAVING count(*) > 1) twice"));
        Assert.Equal(rounds, await Count($"cohorts WHERE plan_id IS NOT NULL AND local_date >= '{FirstDay(processes):yyyy-MM-dd}' AND local_date < '{time.Now:yyyy-MM-dd}'"));
        Assert.Empty(await cluster.Violations());
    }

    [Fact]
    public async Task Releases_CapacityForLessThanIsAsked_IsNeverExceeded()
    {
        var rounds = Trials.Of(5, 100);
        await cluster.Execute(Queue(rounds * 60));
        for (var round = 0; round < rounds; round++)
        {
            await cluster.Execute("UPDATE rollout_plans SET state = 'draft', capacity = 50 + (SELECT count(*) FROM members) + (SELECT count(*) FROM waitlist_entries WHERE status = 'invited')");
            var answers = await Race.Of(4, i => cluster.PostTo(i, "cohorts", new { count = 20 }));
            Assert.Equal(50, answers.Where(a => a.Status == 201).Sum(a => a.Body.GetProperty("invited").GetInt32()));
            Assert.All(answers, a => Assert.True(a is { Status: 201 } or { Problem: "no-capacity" }, a.ToString()));
        }

        await cluster.Execute("UPDATE rollout_plans SET capacity = NULL");
        output.WriteLine($"n = {rounds} rounds of 4.");
        Assert.Empty(await cluster.Violations());
    }

    [Fact]
    public async Task Release_AgainstSignUpByAnotherCode_LeavesNoInvitationBehind()
    {
        // The invitation commits while the sign-up waits for its entry: the sign-up must see it although it began before.
        await using var product = new Product(cluster.Database);
        var rounds = Trials.Of(5, 100);
        for (var round = 0; round < rounds; round++)
        {
            var entry = await product.Waiting($"twoways-{round}@example.com");
            await cluster.Execute($"INSERT INTO invite_codes (code, shown, kind, person_name) VALUES ('TW0WAYS{round:000}', 'TW0WAYS', 'vip', 'Ann')");
            Task<Outcome<RedeemAnswer>> redeem = null!;
            await product.Do<Transactions, bool>(async outer =>
            {
                await outer.BeginOuter(default);
                var release = new ReleaseCohort(outer, TimeProvider.System, Of<RolloutOptions>(), product.One<LifetimeRules>());
                (await release.Release(Product.Owner, new ReleaseRequest(1, EntryIds: [entry.Id]), default)).Must();
                redeem = product.Redeem($"TW0WAYS{round:000}", $"twoways-{round}@example.com");
                await WaitFor.True(async () => await Count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0);
                await outer.CommitOuter();
                return true;
            });
            (await redeem).Must();
            Assert.Equal("registered", await product.StatusOf(entry));
        }

        output.WriteLine($"n = {rounds}.");
        Assert.Equal(0, await Count("outbox o JOIN waitlist_entries e ON e.id = o.entry_id WHERE e.status = 'registered' AND o.template = 'invitation' AND o.state = 'pending'"));
        Assert.Empty(await cluster.Violations());
    }

    private static Microsoft.Extensions.Options.IOptions<T> Of<T>() where T : class, new() => Microsoft.Extensions.Options.Options.Create(new T());

    // Three days away from today's weekday, in years that no other test uses.
    private static DateTimeOffset FirstDay(int processes)
    {
        var day = new DateTimeOffset(2030 + (processes * 5), 1, 1, 12, 0, 0, TimeSpan.Zero);
        var resting = (int)TimeProvider.System.GetUtcNow().DayOfWeek;
        return day.AddDays((resting + 3 - (int)day.DayOfWeek + 7) % 7);
    }

    private static async Task<string> Batched(Product product) =>
        (await product.Do<RunPlan, Outcome<PlanDecision>>(b => b.Run(Actor.System, default))).Must().Outcome;

    private static async Task<string> Pressed(Product product, string press)
    {
        (await product.Do<QueueRelease, Outcome<string>>(q => q.Start(Product.Owner, new ReleaseRequest(Batch), press, default))).Must();
        await product.One<OperationRunner>().Step(default);
        return "pressed";
    }

    private static string Queue(int people) => $"""
        INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, referral_token, status_token, confirmed_at)
        SELECT 'wl_' || u, u || '@example.com', u || '@example.com', 'Ann', 'waiting', 'r' || u, 's' || u, now()
        FROM (SELECT replace(gen_random_uuid()::text, '-', '') AS u FROM generate_series(1, {people})) x
        """;

    private Task<long> Count(string what) => cluster.Database.Scalar<long>($"SELECT count(*) FROM {what}");
}
