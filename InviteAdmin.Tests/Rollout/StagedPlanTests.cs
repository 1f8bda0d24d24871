using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace InviteAdmin.Tests.Rollout;

/// <summary>A plan of stages on a real database, day by day with a clock of the test's own: soak, gate, halt, approval, moves, and what people are told.</summary>
public sealed class StagedPlanTests : IAsyncLifetime
{
    private static readonly StageRequest Careful = new("Careful", 2, 2, 3, "auto", [new("conversion", AtLeast: 0.5, MinimumSample: 4, AfterDays: 3), new("signal", AtMost: 0.01, Name: "error_rate", Use: "max", Hours: 48)]);
    private static readonly StageRequest Open = new("Open", 5, null, 0, "auto", []);
    private readonly FreshDatabase _database = new();
    // A Monday.
    private readonly ManualTime _time = new(At("2027-06-07T09:00:00Z"));
    private Product _product = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database, _time, ("Rollout:UndoSeconds", "0"));
        for (var i = 0; i < 30; i++) await _product.Waiting($"person{i}@example.com");
    }

    [Fact]
    public async Task Plan_BatchesSoakGateAndTheNextStage_DayByDay()
    {
        await Start([Careful, Open]);
        Assert.Equal("released: Cohort 1: 2 of 2 people invited.", await Day(7));
        Assert.Equal("released: Cohort 2: 2 of 2 people invited.", await Day(8));
        Assert.Equal("soaking: Stage 1 soaks: day 1 of 3.", await Day(9));
        Assert.Equal("soaking", await State());
        Assert.Equal("soaking: Stage 1 soaks: day 3 of 3.", await Day(11));
        await Signal(0.002);
        Assert.Equal("held: Stage 1 held: 0 % of 4 registered after 3 days, needs 50 % of at least 4.", await Day(12));
        Assert.Equal(("holding", "gate"), (await State(), await _database.Scalar<string>("SELECT waits_for FROM rollout_plans")));

        for (var i = 0; i < 2; i++) Assert.True((await _product.Redeem(await Code(i), $"person{i}@example.com", verified: true)).Succeeded);
        // What passes its gate sends on the same day.
        Assert.Equal("released: Cohort 3: 5 of 5 people invited.", await Day(12));
        Assert.Equal("advanced: Stage 1 has passed its gate: 50 % of 4 registered after 3 days; error_rate is 0.002 (the highest of 48 hours). Stage 2 begins.", await Latest("advanced"));
        Assert.Equal((1, "running"), (await _database.Scalar<int>("SELECT stage FROM rollout_plans"), await State()));
        Assert.Equal("released: Cohort 4: 5 of 5 people invited.", await Day(13));
        Assert.Equal("0,0,1,1", await _database.Scalar<string>("SELECT string_agg(stage::text, ',' ORDER BY number) FROM cohorts"));

        var replay = await Queries.Replay(default);
        Assert.True(replay is { Decisions: >= 8, Differing: [] }, string.Join("; ", replay.Differing));
        // A stored fact that is changed gives another decision, and the check says so.
        await _database.Execute("UPDATE rollout_decisions SET inputs = jsonb_set(inputs, '{facts,measured,0,value}', '0.9') WHERE outcome = 'held'");
        Assert.Single((await Queries.Replay(default)).Differing);
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Plan_SignalBreaksItsBound_HaltsAtOnceTellsStaffOnceAndWaitsForAPerson()
    {
        await Staff("owner@example.com", Role.Owner);
        await Staff("support@example.com", Role.Support);
        await Start([Careful, Open]);
        await Day(7);
        await Signal(0.02);
        Assert.Equal("held: Stage 1 halted: error_rate is 0.02 (the highest of 48 hours), needs at most 0.01.", await Step());
        Assert.IsType<RolloutPaused>((await _product.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Product.Owner, new(1), default))).Failure);
        await Step();
        Assert.Equal("owner@example.com", await _database.Scalar<string>("SELECT string_agg(recipient, ',') FROM outbox WHERE template = 'rollout_held'"));

        // Nothing that has not left leaves, whoever delivers; other mail does.
        await _database.QueueMails(1);
        await Drain();
        Assert.Equal((2L, 2L), (await Mails("template = 'invitation' AND state = 'pending' AND attempts = 0 AND lease_until IS NULL"), await Mails("template IN ('rollout_held', 'welcome') AND state = 'sent' AND dedupe_key NOT LIKE 'welcome%'")));
        await _database.Execute("UPDATE outbox SET due_at = due_at - interval '1 hour' WHERE state = 'pending'");
        Assert.Empty(await _product.Violations());

        await _database.Execute("DELETE FROM signals");
        await Day(8);
        Assert.Equal("holding", await State());
        Assert.True((await Change(p => p.Run(Product.Owner, "The bug is mended.", default))).Value);
        await Drain();
        Assert.Equal(2L, await Mails("template = 'invitation' AND state = 'sent'"));
        Assert.Equal("released: Cohort 2: 2 of 2 people invited.", await Step());
        Assert.Equal("resumed: Owner let the plan go on: The bug is mended.", await Latest("resumed"));
    }

    [Fact]
    public async Task Plan_Paused_LetsNothingUnsentLeave()
    {
        await Start([Open]);
        await Day(7);
        await Change(p => p.Pause(Product.Owner, null, default));
        await Drain();
        Assert.Equal(5L, await Mails("template = 'invitation' AND state = 'pending' AND lease_until IS NULL"));
        Assert.Equal("paused: Paused; nothing is sent.", await Day(8));
        await Change(p => p.Run(Product.Owner, null, default));
        await Drain();
        Assert.Equal(5L, await Mails("template = 'invitation' AND state = 'sent'"));
    }

    [Fact]
    public async Task Plan_PausedWhileABatchLeaves_KeepsTheRestOfWhatWasClaimed()
    {
        await Start([Open with { BatchSize = 28 }]);
        await Day(7);
        var leaving = new PausingChannel(() => Change(p => p.Pause(Product.Owner, null, default)));
        await new OutboxDispatcher(_product.One<OutboxQueue>(), _product.One<SharedCommit<LeaveAsk, LeaveAnswer>>(), _product.One<SharedCommit<TryResult, bool>>(), leaving, _product.One<ChatChannel>(), _product.One<EmailHash>(), NullLogger<OutboxDispatcher>.Instance).Step(default);

        // What was begun before the pause was over may be gone: as many as leave at once.
        Assert.InRange(leaving.Delivered, 1, 8);
        Assert.Equal(28L - leaving.Delivered, await Mails("template = 'invitation' AND state = 'pending' AND lease_until IS NULL AND attempts = 0"));
    }

    [Fact]
    public async Task Plan_WithApproval_WaitsForAPersonAndGoesOn()
    {
        await Start([Careful with { Gate = [], SoakDays = 0, Batches = 1, Approval = "manual" }, Open]);
        await Day(7);
        Assert.Equal("held: Stage 1 has passed its gate and waits for approval.", await Day(8));
        Assert.True((await Change(p => p.Approve(Product.Owner, "Looks good", default))).Value);
        Assert.False((await Change(p => p.Approve(Product.Owner, null, default))).Value);
        Assert.Equal("released: Cohort 2: 5 of 5 people invited.", await Step());
        Assert.Equal("approved: Owner approved stage 1: Looks good.", await Latest("approved"));
        Assert.IsType<PlanRefused>((await Change(p => p.Approve(Product.Owner, null, default))).Failure);
    }

    [Fact]
    public async Task Plan_PromotedAndTakenBack_BeginsThatStageFromItsBeginning()
    {
        await Start([Careful, Open]);
        await Day(7);
        Assert.IsType<Invalid>((await Change(p => p.GoTo(Product.Owner, 2, " ", default))).Failure);
        Assert.IsType<PlanRefused>((await Change(p => p.GoTo(Product.Owner, 3, "Further", default))).Failure);
        await Change(p => p.GoTo(Product.Owner, 2, "All is well", default));
        Assert.Equal("released: Cohort 2: 5 of 5 people invited.", await Day(8));
        await Change(p => p.GoTo(Product.Owner, 1, "Too fast", default));
        Assert.Equal("released: Cohort 3: 2 of 2 people invited.", await Day(9));
        Assert.Equal("released: Cohort 4: 2 of 2 people invited.", await Day(10));
        Assert.Equal("soaking: Stage 1 soaks: day 1 of 3.", await Day(11));
        Assert.Equal("promoted: Owner moved the plan on to stage 2: All is well.", await Latest("promoted"));
        Assert.Equal("moved-back: Owner took the plan back to stage 1: Too fast.", await Latest("moved-back"));
    }

    [Fact]
    public async Task Plan_LastStageOver_IsCompletedOnce()
    {
        await Start([Careful with { Gate = [], SoakDays = 0, Batches = 1 }]);
        await Day(7);
        Assert.Equal("completed: Stage 1 is done. It was the last.", await Day(8));
        Assert.Equal("completed", await State());
        await Day(9);
        Assert.IsType<PlanRefused>((await Change(p => p.Run(Product.Owner, null, default))).Failure);
        await Change(p => p.GoTo(Product.Owner, 1, "Once more", default));
        Assert.Equal("released: Cohort 2: 2 of 2 people invited.", await Day(10));
    }

    [Fact]
    public async Task Mail_WithAPaceOfSixtyAMinute_LeavesTenInTenSecondsWhoeverDelivers()
    {
        await Start([Open with { BatchSize = 25 }], mailPerMinute: 60);
        await Day(7);
        await using var other = new Product(_database, _time, ("Rollout:UndoSeconds", "0"));
        await Race.Of(4, i => Drain(i % 2 == 0 ? _product : other));
        Assert.Equal(10L, await Mails("template = 'invitation' AND state = 'sent'"));
        await _database.Execute("UPDATE outbox SET sent_at = sent_at - interval '10 seconds', due_at = due_at - interval '1 hour' WHERE template = 'invitation'");
        Assert.Empty(await _product.Violations());
        await Drain(_product);
        Assert.Equal(20L, await Mails("template = 'invitation' AND state = 'sent'"));
    }

    [Fact]
    public async Task Mail_WithAPaceAskedForByTwoAtOnce_CountsWhatTheOtherTook()
    {
        await Start([Open with { BatchSize = 25 }], mailPerMinute: 60);
        await Day(7);
        await using var one = await _database.Source.OpenConnectionAsync();
        await using var taking = await one.BeginTransactionAsync();
        Assert.Equal(10, await RolloutMail.Allowed(one, 25, default));
        var asking = Task.Run(async () =>
        {
            await using var two = await _database.Source.OpenConnectionAsync();
            await using var other = await two.BeginTransactionAsync();
            return await RolloutMail.Allowed(two, 25, default);
        });
        await WaitFor.True(async () => asking.IsCompleted || await _database.Scalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"));
        await using (var take = new Npgsql.NpgsqlCommand("UPDATE outbox SET lease_until = now() + interval '1 minute', lease_token = gen_random_uuid() WHERE id IN (SELECT id FROM outbox WHERE template = 'invitation' LIMIT 10)", one)) await take.ExecuteNonQueryAsync();
        await taking.CommitAsync();
        Assert.Equal(0, await asking);
    }

    [Fact]
    public async Task Edit_ByTwoAtOnce_SavesOneAndTellsTheOther()
    {
        var plan = await Queries.Current(default);
        var edits = await Race.Of(2, i => _product.Do<ChangePlan, Outcome<PlanSaved>>(p => p.Edit(Product.Owner, plan.AsRequest() with { Capacity = 100 + i }, default)));
        Assert.Single(edits, e => e.Succeeded);
        Assert.Single(edits, e => e.Failure is PlanChanged);
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM rollout_plan_versions"));
    }

    [Fact]
    public async Task TryPlan_LargerBatches_SaysWhoEntersAndWritesNothing()
    {
        await Start([Open]);
        var plan = await Queries.Current(default);
        var before = await _database.Scalar<string>("SELECT rollout_plans::text FROM rollout_plans");
        var trial = (await _product.Do<TryPlan, Outcome<PlanTrial>>(t => t.One(Product.Owner, plan.AsRequest() with { Stages = [Open with { BatchSize = 8 }] }, default))).Must();
        Assert.Equal((5, 8), (trial.Now, trial.Then));
        Assert.Equal(["person5@example.com", "person6@example.com", "person7@example.com"], trial.Differing.Select(p => p.Email));
        Assert.Equal(before, await _database.Scalar<string>("SELECT rollout_plans::text FROM rollout_plans"));
        Assert.IsType<Invalid>((await _product.Do<TryPlan, Outcome<PlanTrial>>(t => t.One(Product.Owner, plan.AsRequest() with { Days = [] }, default))).Failure);
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private PlanQueries Queries => new(_database.Source, new PlanClock(_time));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private async Task Start(StageRequest[] stages, int? mailPerMinute = null)
    {
        (await Change(p => p.Edit(Product.Owner, new("Etc/UTC", "09:00", PlanFacts.Week, null, mailPerMinute, stages), default))).Must();
        (await Change(p => p.Run(Product.Owner, null, default))).Must();
    }

    /// <summary>What is decided at nine on a day of June.</summary>
    private Task<string> Day(int day)
    {
        _time.Now = new(2027, 6, day, 9, 0, 0, TimeSpan.Zero);
        return Step();
    }

    private async Task<string> Step() => (await _product.Do<RunPlan, Outcome<PlanDecision>>(p => p.Run(Actor.System, default))).Must() is var d ? $"{d.Outcome}: {d.Reason}" : "";

    private Task<Outcome<T>> Change<T>(Func<ChangePlan, Task<Outcome<T>>> call) => _product.Do(call);

    private async Task Signal(double value) => (await _product.Do<PostSignal, Outcome<bool>>(s => s.One(Product.Owner, new("error_rate", value), default))).Must();

    private Task Drain() => Drain(_product);

    private static async Task<bool> Drain(Product product)
    {
        while (await product.One<OutboxDispatcher>().Step(default) > 0) { }
        return true;
    }

    private Task<string> State() => _database.Scalar<string>("SELECT state FROM rollout_plans");

    private Task<string> Latest(string outcome) => _database.Scalar<string>($"SELECT outcome || ': ' || reason FROM rollout_decisions WHERE outcome = '{outcome}' ORDER BY id DESC LIMIT 1");

    private Task<long> Mails(string where) => _database.Scalar<long>($"SELECT count(*) FROM outbox WHERE {where}");

    private Task<string> Code(int person) => _database.Scalar<string>(
        $"SELECT c.shown FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id WHERE e.email = 'person{person}@example.com' AND c.status = 'active'");

    private Task Staff(string email, string role) => _database.Execute(
        $"""
        INSERT INTO staff_roles (name, normalized_name) SELECT '{role}', upper('{role}') WHERE NOT EXISTS (SELECT 1 FROM staff_roles WHERE name = '{role}');
        WITH u AS (INSERT INTO staff_users (display_name, email, email_confirmed, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count) VALUES ('Ann', '{email}', true, false, false, true, 0) RETURNING id)
        INSERT INTO staff_user_roles (user_id, role_id) SELECT u.id, r.id FROM u, staff_roles r WHERE r.name = '{role}'
        """);

    /// <summary>The first mail of it has somebody pause the rollout before any is out.</summary>
    private sealed class PausingChannel(Func<Task> pause) : IMailChannel
    {
        private readonly Lazy<Task> _paused = new(pause);
        private int _delivered;

        public int Delivered => _delivered;

        public async Task Deliver(OutboxItem item, MayLeave mayLeave, CancellationToken cancel)
        {
            await mayLeave(cancel);
            await _paused.Value;
            Interlocked.Increment(ref _delivered);
        }
    }
}
