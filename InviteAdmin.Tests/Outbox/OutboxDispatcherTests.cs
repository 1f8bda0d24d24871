using InviteAdmin.Data;
using System.Collections.Concurrent;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace InviteAdmin.Tests.Outbox;

/// <summary>Every item ends sent, suppressed or dead, and goes out once while nothing crashes.</summary>
public sealed class OutboxDispatcherTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private readonly ScriptedChannel _channel = new();
    private Product _product = null!;
    private OutboxDispatcher _dispatcher = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database);
        _dispatcher = NewDispatcher();
    }

    [Fact]
    public async Task Step_TwoDispatchersAtOnce_DeliverEachItemOnce_n1000()
    {
        await Items(1_000);
        OutboxDispatcher[] both = [_dispatcher, NewDispatcher()];
        await Race.Of(2, async i =>
        {
            while (await both[i].Step(default) > 0) { }
            return i;
        });
        Assert.Equal(1_000, _channel.Delivered.Count);
        Assert.Equal(1_000, _channel.Delivered.Distinct().Count());
        Assert.Equal(1_000, await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state = 'sent' AND attempts = 1"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Step_ServerThatNeverTakesIt_BacksOffAndIsDeadAfterEightTries()
    {
        await Items(1);
        _channel.Script = _ => throw new IOException("Gone.\r\nTruly.");
        var waits = new List<double>();
        for (var attempt = 1; attempt <= OutboxDispatcher.MostTries; attempt++)
        {
            Assert.Equal(1, await _dispatcher.Step(default));
            if (attempt == OutboxDispatcher.MostTries) break;
            Assert.Equal($"pending {attempt}", await State());
            Assert.Equal(0, await _dispatcher.Step(default));
            waits.Add(await _database.Scalar<double>("UPDATE outbox o SET due_at = now() FROM outbox was WHERE was.id = o.id RETURNING extract(epoch FROM was.due_at - now())::double precision"));
        }

        Assert.Equal("dead 8", await State());
        Assert.Equal(0, await _dispatcher.Step(default));
        double[] planned = [10, 30, 120, 480, 1_800, 3_600, 7_200];
        Assert.All(waits.Zip(planned), w => Assert.InRange(w.First, w.Second * 0.79 - 2, w.Second * 1.21));
        Assert.Equal("Gone. Truly.", await _database.Scalar<string>("SELECT last_error FROM outbox"));
        Assert.Equal(8, await _database.Scalar<long>("SELECT count(*) FROM outbox_attempts"));

        _channel.Script = null;
        Assert.True((await Retry()).Must());
        Assert.False((await Retry()).Must());
        Assert.Equal(1, await _dispatcher.Step(default));
        Assert.Equal("sent 1", await State());
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM audit_log WHERE action = 'mail.retried'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Step_RefusedForGood_IsDeadAtOnce()
    {
        await Items(1);
        _channel.Script = _ => throw new RefusedForGood("No such mailbox.");
        await _dispatcher.Step(default);
        Assert.Equal("dead 1", await State());
    }

    [Fact]
    public async Task Step_OnePoisonedInAHundred_TheOthersAreSent()
    {
        await Items(300);
        _channel.Script = item => item.Id % 100 == 0 ? throw new RefusedForGood("Poison.") : Task.CompletedTask;
        while (await _dispatcher.Step(default) > 0) { }
        Assert.Equal((297L, 3L), (
            await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state = 'sent'"), await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state = 'dead'")));
    }

    [Fact]
    public async Task Step_SuppressedAddress_IsNeverSent()
    {
        await Items(1);
        var hash = await _product.One<EmailHash>().Of("ann@example.com", default);
        await _database.Execute($"INSERT INTO suppressions (email_hash, reason) VALUES ('\\x{Convert.ToHexString(hash)}', 'unsubscribed')");
        await _dispatcher.Step(default);
        Assert.Empty(_channel.Delivered);
        Assert.Equal("suppressed 1", await State());
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Step_ServerSlowerThanTheLease_NothingGoesOutAfterTheLeaseIsLost()
    {
        // A hundred items at half a second each, eight at once, take longer than these leases: another dispatcher takes over what is left.
        await Items(100);
        _channel.Script = _ => Task.Delay(500);
        OutboxDispatcher[] both = [NewDispatcher(TimeSpan.FromSeconds(2)), NewDispatcher(TimeSpan.FromSeconds(2))];
        await Race.Of(2, async i =>
        {
            while (await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state = 'pending'") > 0)
            {
                if (await both[i].Step(default) == 0) await Task.Delay(50);
            }

            return i;
        });
        Assert.Equal(100, _channel.Delivered.Count);
        Assert.Equal(100, _channel.Delivered.Distinct().Count());
        // On a busy machine a try may be given up with its lease before it went out; it is made again then.
        Assert.All((await State()).Split(", "), state => Assert.StartsWith("sent ", state, StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private OutboxDispatcher NewDispatcher(TimeSpan? lease = null) =>
        new(_product.One<OutboxQueue>(), _product.One<SharedCommit<LeaveAsk, LeaveAnswer>>(), _product.One<SharedCommit<TryResult, bool>>(), _channel, _product.One<ChatChannel>(), _product.One<EmailHash>(), NullLogger<OutboxDispatcher>.Instance) { Lease = lease ?? TimeSpan.FromMinutes(2) };

    private Task<Outcome<bool>> Retry() => _product.Do<RetryMail, Outcome<bool>>(async r => await r.One(Product.Owner, await _database.Scalar<long>("SELECT id FROM outbox"), default));

    private Task<string> State() => _database.Scalar<string>("SELECT string_agg(DISTINCT state || ' ' || attempts, ', ') FROM outbox");

    private Task Items(int count) => _database.Execute($"INSERT INTO outbox (template, dedupe_key, recipient, payload) SELECT 'welcome', 'item:' || i, 'ann@example.com', '{{}}' FROM generate_series(1, {count}) i");

    private sealed class ScriptedChannel : IMailChannel
    {
        public ConcurrentQueue<long> Delivered { get; } = new();

        public Func<OutboxItem, Task>? Script { get; set; }

        public async Task Deliver(OutboxItem item, MayLeave mayLeave, CancellationToken cancel)
        {
            await mayLeave(cancel);
            if (Script is { } script) await script(item);
            Delivered.Enqueue(item.Id);
        }
    }
}
