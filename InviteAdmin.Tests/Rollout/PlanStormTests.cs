using InviteAdmin.Access;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using Npgsql;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Rollout;

/// <summary>
/// Random plans on a real database, day by day, run by two and four at once while connections are cut, people join, register and lapse, signals come, and staff pause,
/// recall and move. Nothing is exceeded, doubled, split or skipped. (The rule alone is tried on a thousand launches in <see cref="StageRuleTests"/>.)
/// </summary>
public sealed class PlanStormTests(FreshDatabase database, ITestOutputHelper output) : IClassFixture<FreshDatabase>
{
    private static readonly string[] Weekdays = ["mon", "tue", "wed", "thu", "fri"];
    private readonly ManualTime _time = new(new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private int _people;

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Plan_RunByManyWhileConnectionsAreCut_KeepsEveryPromise(int processes)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("INVITEADMIN_FUZZ_SEED"), out var given) ? given : Random.Shared.Next();
        var (launches, days) = (Trials.Of(20, 300), 12);
        output.WriteLine($"n = {launches} plans of {days} days, {processes} at once, seed {seed}");
        var random = new Random(seed);
        var products = Enumerable.Range(0, processes).Select(_ => new Product(database, _time, ("Rollout:UndoSeconds", "0"))).ToArray();
        var (cut, sent) = (0, 0L);
        for (var launch = 0; launch < launches; launch++)
        {
            var plan = Plan(random, await Count("members"));
            (await products[0].Do<ChangePlan, Outcome<PlanSaved>>(p => p.Edit(Product.Owner, plan, default))).Must();
            await products[0].Do<ChangePlan, Outcome<bool>>(p => p.GoTo(Product.Owner, 1, "Next plan.", default));
            await products[0].Do<ChangePlan, Outcome<bool>>(p => p.Run(Product.Owner, null, default));
            _time.Now += TimeSpan.FromDays(40);
            for (var day = 0; day < days; day++, _time.Now += TimeSpan.FromDays(1))
            {
                await Happen(random, products[random.Next(processes)]);
                _time.Now = new(_time.Now.Year, _time.Now.Month, _time.Now.Day, random.Next(24), random.Next(60), 0, TimeSpan.Zero);
                cut += (await Race.Of(processes, async i => await Ask(products[i], random.Next(3) == 0 ? random.Next(1, 30) : null))).Count(asked => !asked);
                // At the end of the day one is left alone, and then nothing that was due is missing.
                _time.Now = new(_time.Now.Year, _time.Now.Month, _time.Now.Day, 23, 59, 0, TimeSpan.Zero);
                await Ask(products[0], null);
                await AllIsWell($"seed {seed}, plan {launch}, day {day}");
            }
        }

        sent = await Count("cohorts");
        output.WriteLine($"{sent} batches, {await Count("rollout_decisions")} decisions, {cut} calls cut off.");
        Assert.True(sent > launches && cut > 0, "Next to nothing was sent or cut: this proves nothing.");
        Assert.Empty((await new PlanQueries(database.Source, new PlanClock(_time)).Replay(default)).Differing);
        Assert.Empty(await products[0].Violations());
        foreach (var product in products) await product.DisposeAsync();
    }

    private static PlanRequest Plan(Random random, long members)
    {
        StageRequest[] stages = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => new StageRequest($"Stage {i}", random.Next(1, 9), random.Next(3) == 0 ? null : random.Next(1, 4), random.Next(0, 3),
            random.Next(4) == 0 ? "manual" : "auto", random.Next(2) == 0 ? [] : [new("signal", AtMost: 0.5, Name: "error_rate", Use: "latest", Hours: 48)]))];
        return new("Etc/UTC", $"{random.Next(24):00}:{random.Next(60):00}", [.. Weekdays.Where(_ => random.Next(4) > 0).DefaultIfEmpty("wed")], random.Next(2) == 0 ? null : (int)members + random.Next(5, 60), null, stages);
    }

    /// <summary>What a day may bring.</summary>
    private async Task Happen(Random random, Product product)
    {
        for (var joins = random.Next(12); joins > 0; joins--) await product.Waiting($"storm{_people++}@example.com");
        if (random.Next(2) == 0) await product.Do<PostSignal, Outcome<bool>>(s => s.One(Product.Owner, new("error_rate", random.NextDouble() * 0.6), default));
        if (random.Next(3) == 0 && await database.Scalar<string>("SELECT coalesce((SELECT shown FROM invite_codes WHERE kind = 'waitlist' AND status = 'active' AND used_count = 0 AND lapsed_at IS NULL LIMIT 1), '')") is { Length: > 0 } code)
            await product.Redeem(code, $"member{_people++}@member.example", verified: true);
        if (random.Next(4) == 0)
        {
            await database.Execute("UPDATE invite_codes SET expires_at = now() - interval '1 second' WHERE id IN (SELECT id FROM invite_codes WHERE kind = 'waitlist' AND status = 'active' AND used_count = 0 AND lapsed_at IS NULL ORDER BY id LIMIT 3)");
            await product.Do<LapseInvitations, Outcome<LapseReport>>(l => l.Run(Actor.System, default));
        }

        await (random.Next(12) switch
        {
            0 => product.Do<ChangePlan, Outcome<bool>>(p => p.Pause(Product.Owner, null, default)),
            1 or 2 => product.Do<ChangePlan, Outcome<bool>>(p => p.Run(Product.Owner, null, default)),
            3 => product.Do<ChangePlan, Outcome<bool>>(p => p.Approve(Product.Owner, null, default)),
            4 => product.Do<ChangePlan, Outcome<bool>>(p => p.GoTo(Product.Owner, random.Next(1, 4), "A test.", default)),
            _ => Task.FromResult<Outcome<bool>>(true),
        });
        if (random.Next(10) == 0 && await database.Scalar<string>("SELECT coalesce((SELECT public_id FROM cohorts WHERE state = 'released' ORDER BY id DESC LIMIT 1), '')") is { Length: > 0 } cohort)
            await product.Do<RecallCohort, Outcome<int>>(r => r.Recall(Product.Owner, cohort, null, default));
    }

    /// <summary>False when its connections were cut, at some millisecond of it.</summary>
    private async Task<bool> Ask(Product product, int? cutAfter)
    {
        using var over = new CancellationTokenSource();
        if (cutAfter is { } milliseconds) over.CancelAfter(milliseconds);
        try
        {
            (await product.Do<RunPlan, Outcome<PlanDecision>>(p => p.Run(Actor.System, over.Token))).Must();
            return true;
        }
        catch (Exception e) when (cutAfter is not null && e is OperationCanceledException or NpgsqlException)
        {
            return false;
        }
    }

    private async Task AllIsWell(string name)
    {
        Assert.True(await Count("(SELECT 1 FROM cohorts WHERE plan_id IS NOT NULL GROUP BY local_date HAVING count(*) > 1) x") == 0, $"{name}: two batches on one date");
        Assert.True(await Count("cohorts c WHERE invited > requested OR invited <> (SELECT count(*) FROM cohort_entries p WHERE p.cohort_id = c.id)") == 0, $"{name}: a batch too large or split");
        Assert.True(await Count("cohorts WHERE free_seats < invited") == 0, $"{name}: more than the free seats");
        await using var connection = await database.Source.OpenConnectionAsync();
        var plan = await PlanState.Read(connection, locks: false, default);
        var facts = (await plan.Facts(connection, new PlanClock(_time), default)).Facts;
        var next = StageRule.Decide(facts);
        Assert.True(next.Invite == 0, $"{name}: {next.Reason} and was not, {facts}");
    }

    private Task<long> Count(string what) => database.Scalar<long>($"SELECT count(*) FROM {what}");
}
