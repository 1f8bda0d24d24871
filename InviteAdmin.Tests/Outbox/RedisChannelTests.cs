using System.Text.Json.Nodes;
using InviteAdmin.Outbox;
using InviteAdmin.Tests.Support;
using StackExchange.Redis;

namespace InviteAdmin.Tests.Outbox;

/// <summary>The queue items as the company's existing workers pop them.</summary>
public sealed class RedisChannelTests : IAsyncLifetime
{
    private readonly FreshDatabase _database = new();
    private Product _product = null!;
    private ConnectionMultiplexer _worker = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _product = new Product(_database, ("Mail:Channel", "redis"), ("Rollout:UndoSeconds", "0"));
        _worker = await ConnectionMultiplexer.ConnectAsync(_database.Redis);
    }

    [Fact]
    public async Task Deliver_Invitation_IsTheQueueItemWorkersKnow()
    {
        var entry = await _product.Waiting("ann@example.com");
        await _product.Release(1);
        var code = await _product.CodeOf(entry);
        await Drain();
        AssertItem($$"""{"to":"ann@example.com","template":"invitation","data":{"name":"Ann Example","code":"{{code}}","signupUrl":"https://invite.example.com/signup?code={{code}}"},"id":"outbox-1"}""",
            await Pop("email:send:queue"));
        Assert.True((await Pop("email:send:queue")).IsNull);
        Assert.Equal(1, await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state = 'sent'"));
        Assert.Empty(await _product.Violations());
    }

    [Fact]
    public async Task Deliver_Milestone_IsANotification()
    {
        var owner = await _product.Waiting("owner@example.com");
        await _product.Release(1);
        var member = (await _product.Redeem(await _product.CodeOf(owner), "owner@example.com")).Must();
        for (var i = 0; i < 3; i++) (await _product.Redeem(member.Codes[i].Code, $"friend{i}@example.com")).Must();
        await Drain();
        var id = await _database.Scalar<long>("SELECT id FROM outbox WHERE kind = 'notification'");
        AssertItem($$"""{"type":"referral_milestone","userId":"{{member.UserId}}","count":3,"newInvites":3,"id":"outbox-{{id}}"}""", await Pop("notification:queue"));
        Assert.True((await Pop("notification:queue")).IsNull);
        Assert.Equal(4, await _worker.GetDatabase().ListLengthAsync("email:send:queue"));
    }

    [Fact]
    public async Task Deliver_SeveralMails_ArePoppedInTheOrderTheyFellDue()
    {
        for (var i = 0; i < 3; i++)
        {
            await _product.Waiting($"person{i}@example.com");
            await _product.Release(1);
            await Drain();
        }

        for (var i = 0; i < 3; i++) Assert.Equal($"person{i}@example.com", (string?)JsonNode.Parse((await Pop("email:send:queue")).ToString())!["to"]);
    }

    public async Task DisposeAsync()
    {
        _worker.Dispose();
        await _product.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task Drain()
    {
        while (await _product.One<OutboxDispatcher>().Step(default) > 0) { }
    }

    private async Task<RedisValue> Pop(string queue) => await _worker.GetDatabase().ListRightPopAsync(queue);

    private static void AssertItem(string expected, RedisValue popped) => Assert.Equal(expected, popped.ToString());
}
