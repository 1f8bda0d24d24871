using InviteAdmin.Access;
using InviteAdmin.Outbox;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Tests.Webhooks;

namespace InviteAdmin.Tests.Outbox;

/// <summary>The chat that hears what colleagues are told: a real HTTP server that answers as Slack does, and as it does on a bad day.</summary>
public sealed class StaffChatTests : HookContext
{
    [Fact]
    public async Task Told_OnceForEachKey_AsOneLineWithoutMarkup()
    {
        await Save();
        for (var i = 0; i < 2; i++)
        {
            await Tell("held-1", "Stage 2 held: 31 % of <88> registered & no more.\nNeeds 35 %.");
        }

        await Drain();

        var taken = Assert.Single(Receiver.Taken);
        Assert.Equal(("/services/T0/B0/secret", "application/json; charset=utf-8"), (taken.Path, taken.Headers["content-type"]));
        Assert.Equal("text", Assert.Single(taken.Json.EnumerateObject()).Name);
        var text = taken.Json.GetProperty("text").GetString()!;
        Assert.StartsWith("*", text, StringComparison.Ordinal);
        Assert.EndsWith($": Stage 2 held: 31 % of &lt;88&gt; registered &amp; no more. Needs 35 %. <{Product.One<Links>().Admin("/rollout")}|Open the dashboard>", text, StringComparison.Ordinal);
        Assert.DoesNotContain(taken.Headers.Keys, h => h.StartsWith("webhook-", StringComparison.Ordinal));
        var facts = await Facts();
        Assert.Equal(("127.0.0.1", "sent"), (facts.Host, facts.LastState));
        Assert.Empty(await Product.Violations());
    }

    [Fact]
    public async Task BadDay_IsTriedAgain_AndAGoneHookIsNot()
    {
        await Save();
        Receiver.Answer = (_, context) => { context.Response.StatusCode = Receiver.Taken.Count == 1 ? 429 : Receiver.Taken.Count == 2 ? 500 : 200; return Task.CompletedTask; };
        await Tell("held-1", "Held.");
        for (var i = 0; i < 3; i++)
        {
            await Drain();
            await Database.Execute("UPDATE outbox SET due_at = now() WHERE state = 'pending'");
        }

        Assert.Equal(("sent", 3), ((await Facts()).LastState, Receiver.Taken.Count));

        Receiver.Answer = (_, context) => { context.Response.StatusCode = 404; return Task.CompletedTask; };
        await Tell("held-2", "Held again.");
        await Drain();
        Assert.Equal(("dead", "The chat: It answered 404."), ((await Facts()).LastState, (await Facts()).LastError));
        // That the chat was not reached is seen in Settings, and tells nobody in turn.
        await Database.Execute("INSERT INTO outbox_attempts (outbox_id, outcome, process, milliseconds) SELECT id, 'dead', 'a test', 1 FROM outbox WHERE state = 'dead' AND NOT EXISTS (SELECT 1 FROM outbox_attempts WHERE outcome = 'dead')");
        await Product.One<OutboxQueue>().TellOfFailures(default);
        Assert.Equal(0, await Database.Scalar<long>("SELECT count(*) FROM outbox WHERE template = 'mail_failed'"));
    }

    [Fact]
    public async Task Test_SentOnceForARequest_AndNothingAfterTheChatWasRemoved()
    {
        Assert.IsType<NoChat>((await TestOnce("one")).Failure);
        await Save();
        Assert.Equal((await TestOnce("one")).Must(), (await TestOnce("one")).Must());
        await Drain();
        Assert.Contains("This is a test.", Assert.Single(Receiver.Taken).Body, StringComparison.Ordinal);

        await Tell("held-1", "Held.");
        Assert.True((await Chat(c => c.Remove(Product.Owner, default))).Must());
        Assert.False((await Chat(c => c.Remove(Product.Owner, default))).Must());
        await Tell("held-2", "Held again.");
        await Drain();
        Assert.Single(Receiver.Taken);
        Assert.Equal("cancelled", await Database.Scalar<string>("SELECT state FROM outbox WHERE dedupe_key LIKE '%held-1:chat'"));
        Assert.Null((await Facts()).Host);
    }

    [Theory]
    [InlineData(null, "needed")]
    [InlineData("hooks.slack.com/services", "web address")]
    [InlineData("http://169.254.169.254/latest/meta-data", "private or special network")]
    [InlineData("ftp://example.com/hook", "https://")]
    public async Task Address_ThatNoWebhookMayHave_NamesTheField(string? url, string said) =>
        Assert.Contains(said, Assert.IsType<Invalid>((await Chat(c => c.Save(Product.Owner, url, default))).Failure).Fields["url"], StringComparison.Ordinal);

    [Fact]
    public async Task Address_Saved_StandsNowhereInTheOpen()
    {
        await Save();
        await TestOnce("one");
        await Drain();
        foreach (var table in (string[])["settings", "audit_log", "outbox", "outbox_attempts"])
        {
            Assert.Equal(0, await Database.Scalar<long>($"SELECT count(*) FROM {table} x WHERE x::text LIKE '%secret%'"));
        }

        Assert.Equal("127.0.0.1", await Database.Scalar<string>("SELECT after->>'host' FROM audit_log WHERE action = 'settings.chat'"));
    }

    private Task<Outcome<T>> Chat<T>(Func<StaffChat, Task<Outcome<T>>> call) => Product.Do<StaffChat, Outcome<T>>(call);

    private async Task Save() => (await Chat(c => c.Save(Product.Owner, Receiver.Url("/services/T0/B0/secret"), default))).Must();

    private Task<Outcome<long>> TestOnce(string request) => Chat(c => c.Test(Product.Owner, request, default));

    private Task<StaffChatFacts> Facts() => Product.Do<StaffChat, StaffChatFacts>(c => c.Read(default));

    private async Task Tell(string key, string reason)
    {
        await using var connection = await Database.Source.OpenConnectionAsync();
        await StaffMail.Tell(connection, "rollout_held", key, reason, "/rollout", Permission.Release, default);
    }

    private async Task Drain()
    {
        while (await Product.One<OutboxDispatcher>().Step(default) > 0)
        {
        }
    }
}
