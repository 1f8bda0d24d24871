using InviteAdmin.Data;
using InviteAdmin.Outbox;
using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Outbox;

/// <summary>The outbox as a queue for several processes: leases, fences and the sweep.</summary>
public sealed class OutboxQueueTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FreshDatabase _database = new();
    private OutboxQueue _queue = null!;
    private WriteSource _writes = null!;
    private SharedCommit<TryResult, bool> _results = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _queue = new OutboxQueue(_database.Source, Microsoft.Extensions.Options.Options.Create(new InviteAdmin.Access.AppOptions { PublicUrl = "https://invite.example.com" }));
        _writes = new WriteSource(_database.Postgres);
        _results = new SharedCommit<TryResult, bool>(_writes, new FinishMail());
    }

    [Fact]
    public async Task Claim_EightDispatchersAtOnce_EachItemOnce_n2000()
    {
        await Items(2_000);
        var claimed = await Race.Of(8, async _ =>
        {
            var ids = new List<long>();
            for (IReadOnlyList<OutboxItem> items; (items = await _queue.Claim(30, Minute, default)).Count > 0;) ids.AddRange(items.Select(i => i.Id));
            return ids;
        });
        Assert.Equal(2_000, claimed.Sum(c => c.Count));
        Assert.Equal(2_000, claimed.SelectMany(c => c).Distinct().Count());
        Assert.Equal(0, await _queue.Sweep(default));
        Assert.Empty(await _queue.Claim(30, Minute, default));
    }

    [Fact]
    public async Task Sweep_LeaseRanOut_AnotherDeliversAndTheWokenOneWritesNothing()
    {
        await Items(1);
        var frozen = Assert.Single(await _queue.Claim(10, Minute, default));
        await _database.Execute("UPDATE outbox SET lease_until = now() - interval '1 second'");
        Assert.Equal(1, await _queue.Sweep(default));
        var second = Assert.Single(await _queue.Claim(10, Minute, default));
        Assert.Equal((frozen.Id, 2), (second.Id, second.Attempts));

        Assert.False(await Finish(frozen, "dead"));
        Assert.Equal("pending 0", await State());
        Assert.True(await Finish(second, "sent"));
        Assert.Equal("sent 1", await State());
        Assert.False(await Finish(second, "dead"));
        Assert.False(await Finish(frozen, "dead"));
        Assert.Equal("sent 1", await State());
    }

    [Fact]
    public async Task Finish_WhatWasCancelledInTheMeantime_StaysCancelled()
    {
        await Items(1);
        var item = Assert.Single(await _queue.Claim(10, Minute, default));
        await _database.Execute("UPDATE outbox SET state = 'cancelled', lease_until = NULL, lease_token = NULL");
        Assert.False(await Finish(item, "sent"));
        Assert.Equal("cancelled 0", await State());
    }

    [Fact]
    public async Task Claim_NotDueYet_IsLeftAlone()
    {
        await Items(1);
        await _database.Execute("UPDATE outbox SET due_at = now() + interval '1 minute'");
        Assert.Empty(await _queue.Claim(10, Minute, default));
    }

    public async Task DisposeAsync()
    {
        await _writes.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<bool> Finish(OutboxItem item, string state) => (await _results.Add(new(item, state, null, TimeSpan.Zero, 1, null), null, default)).Must();

    private Task<string> State() => _database.Scalar<string>("SELECT state || ' ' || (SELECT count(*) FROM outbox_attempts) FROM outbox");

    private Task Items(int count) => _database.Execute($"INSERT INTO outbox (template, dedupe_key, recipient, payload) SELECT 'welcome', 'item:' || i, 'ann@example.com', '{{}}' FROM generate_series(1, {count}) i");
}
