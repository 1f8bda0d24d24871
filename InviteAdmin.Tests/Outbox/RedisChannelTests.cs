using System.Text.Json.Nodes;
using InviteAdmin.Outbox;
using InviteAdmin.Tests.Support;
using InviteAdmin.Tests.Webhooks;
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

    /// <summary>The company's worker as it runs today: Node with ioredis, blocking on both queues.</summary>
    [Fact]
    public async Task Deliver_ToAWorkerOnIoredis_ItPopsEveryItemOnceAsItKnowsThem()
    {
        var entry = await _product.Waiting("ann@example.com");
        await _product.Release(1);
        var code = await _product.CodeOf(entry);
        // Whoever has signed up needs no invitation any more.
        await Drain();
        var member = (await _product.Redeem(code, "ann@example.com")).Must();
        for (var i = 0; i < 3; i++) (await _product.Redeem(member.Codes[i].Code, $"friend{i}@example.com")).Must();
        var items = (int)await _database.Scalar<long>("SELECT count(*) FROM outbox WHERE state IN ('pending', 'sent')");
        var working = NodeProgram.Run("ioredis@5", WorkerScript, System.Text.Json.JsonSerializer.Serialize(new { redis = NodeAddress(), items }));
        await Drain();
        var popped = JsonNode.Parse(await working)!.AsArray();
        Assert.Equal(items, popped.Select(p => (string)p!["item"]!["id"]!).Distinct().Count());
        var invitation = popped.Single(p => (string?)p!["item"]!["template"] == "invitation")!;
        Assert.Equal(("email:send:queue", "ann@example.com", "Ann Example", code, $"https://invite.example.com/signup?code={code}"), (
            (string?)invitation["queue"], (string?)invitation["item"]!["to"], (string?)invitation["item"]!["data"]!["name"], (string?)invitation["item"]!["data"]!["code"], (string?)invitation["item"]!["data"]!["signupUrl"]));
        var milestone = popped.Single(p => (string?)p!["queue"] == "notification:queue")!["item"]!;
        Assert.Equal(("referral_milestone", member.UserId, 3, 3), ((string?)milestone["type"], (string?)milestone["userId"], (int)milestone["count"]!, (int)milestone["newInvites"]!));
    }

    private const string WorkerScript =
        """
        const Redis = require('ioredis');
        const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        (async () => {
          const redis = new Redis(given.redis);
          const popped = [];
          while (popped.length < given.items) {
            const answer = await redis.brpop('email:send:queue', 'notification:queue', 20);
            if (!answer) break;
            popped.push({ queue: answer[0], item: JSON.parse(answer[1]) });
          }
          console.log(JSON.stringify(popped));
          redis.disconnect();
        })();
        """;

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

    private object NodeAddress()
    {
        var options = ConfigurationOptions.Parse(_database.Redis);
        var address = options.EndPoints[0].ToString()!.Replace("Unspecified/", "", StringComparison.Ordinal);
        return new { host = address[..address.LastIndexOf(':')], port = int.Parse(address[(address.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture), password = options.Password, db = options.DefaultDatabase ?? 0 };
    }
}
