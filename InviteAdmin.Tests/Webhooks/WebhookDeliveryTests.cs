using System.Diagnostics;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Tests.Support;
using InviteAdmin.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Tests.Webhooks;

/// <summary>How events are delivered to a real HTTP server: in order, again, later, no more, and beside a slow one.</summary>
public sealed class WebhookDeliveryTests : HookContext
{
    [Fact]
    public async Task Delivery_OfOnePerson_WaitsForTheOneBeforeAndOthersDoNot()
    {
        await Add();
        Receiver.Answer = (t, context) => { context.Response.StatusCode = t.Body.Contains("stuck@", StringComparison.Ordinal) && t.Type == "waitlist.joined" && Receiver.Taken.Count(x => x.Id == t.Id) < 3 ? 500 : 200; return Task.CompletedTask; };
        await Product.Waiting("stuck@example.com");
        await Product.Waiting("free@example.com");
        await Deliver();
        Assert.Equal(["free waitlist.confirmed", "free waitlist.joined", "stuck waitlist.joined"], Seen().Order(StringComparer.Ordinal));

        for (var i = 0; i < 2; i++)
        {
            await DueNow();
            await Deliver();
        }

        Assert.Equal(["stuck waitlist.joined", "stuck waitlist.joined", "stuck waitlist.joined", "stuck waitlist.confirmed"], Seen().Where(s => s.StartsWith("stuck", StringComparison.Ordinal)));
        Assert.Single(Receiver.Taken.Where(t => t.Type == "waitlist.joined" && t.Body.Contains("stuck@", StringComparison.Ordinal)).Select(t => (t.Id, t.Body)).Distinct());
        Assert.Equal(4L, await Count("state = 'delivered'"));
    }

    [Fact]
    public async Task Delivery_FailingForLong_NoLongerHoldsUpTheNextAndIsGivenUpAfterTenTries()
    {
        await Add();
        Receiver.Answer = (t, context) => { context.Response.StatusCode = t.Type == "waitlist.joined" ? 500 : 200; return Task.CompletedTask; };
        await Product.Waiting("stuck@example.com");
        for (var tries = 1; tries <= WebhookSchedule.MostTries; tries++)
        {
            await DueNow();
            await Deliver();
            Assert.Equal(tries >= WebhookQueue.OrderedTries, Receiver.Taken.Any(t => t.Type == "waitlist.confirmed"));
        }

        Assert.Equal((1L, 1L, 10), (await Count("state = 'dead' AND attempts = 10"), await Count("state = 'delivered'"), Receiver.Taken.Count(t => t.Type == "waitlist.joined")));
    }

    [Fact]
    public void Wait_TenTries_SpanThreeDaysWithJitterAndObeyRetryAfterWithinBounds()
    {
        var total = Enumerable.Range(1, 9).Sum(n => WebhookSchedule.Wait(n, null, 0.5).TotalHours);
        Assert.InRange(total, 71, 73);
        Assert.Equal((4.0, 6.0), (WebhookSchedule.Wait(1, null, 0).TotalSeconds, WebhookSchedule.Wait(1, null, 1).TotalSeconds));
        Assert.Equal((120.0, 24.0), (WebhookSchedule.Wait(1, TimeSpan.FromSeconds(120), 0.5).TotalSeconds, WebhookSchedule.Wait(1, TimeSpan.FromDays(9), 0.5).TotalHours));
        Assert.Equal((null, 1.0), (WebhookSchedule.Rest(new(200, null, null, TimeSpan.FromDays(1))), WebhookSchedule.Rest(new(503, "x", null, TimeSpan.FromDays(1)))?.TotalHours));
    }

    [Fact]
    public async Task RetryAfter_Asked_LeavesTheEndpointAloneForSoLong()
    {
        await Add();
        Receiver.Answer = (_, context) => { context.Response.StatusCode = 429; context.Response.Headers.RetryAfter = "600"; return Task.CompletedTask; };
        await Product.Waiting("busy@example.com");
        await Deliver();
        await Product.Waiting("later@example.com");
        await Deliver();
        Assert.Single(Receiver.Taken);
        Assert.InRange(await Database.Scalar<double>("SELECT extract(epoch FROM due_at - now())::float8 FROM webhook_deliveries WHERE attempts = 1"), 590, 600);
        Assert.InRange(await Database.Scalar<double>("SELECT extract(epoch FROM wait_until - now())::float8 FROM webhook_endpoints"), 590, 600);
    }

    [Fact]
    public async Task Gone_Answered410_SwitchesOffAtOnceAndTellsTheOwners()
    {
        await Database.Execute(
            """
            WITH r AS (INSERT INTO staff_roles (name, normalized_name) VALUES ('Owner', 'OWNER') RETURNING id), u AS (
              INSERT INTO staff_users (display_name, email, email_confirmed, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count) VALUES ('Olga', 'owner@example.com', true, false, false, true, 0) RETURNING id)
            INSERT INTO staff_user_roles (user_id, role_id) SELECT u.id, r.id FROM u, r
            """);
        var hook = await Add();
        Receiver.Answer = (_, context) => { context.Response.StatusCode = 410; return Task.CompletedTask; };
        await Product.Waiting("one@example.com");
        await Deliver();
        await Product.Waiting("two@example.com");
        await DueNow();
        await Deliver();

        Assert.Single(Receiver.Taken);
        Assert.Equal("owner@example.com: The webhook to 127.0.0.1 was switched off. It answered 410: it is gone.", await Database.Scalar<string>("SELECT recipient || ': ' || (payload ->> 'reason') FROM outbox WHERE template = 'webhook_disabled'"));
        Assert.Equal("off", (await Product.One<WebhookQueries>().Find(hook.Id, default))!.State);
        Assert.IsType<WebhookOff>((await Product.Do<SendWebhook, Outcome<QueuedWebhook>>(s => s.Test(Product.Owner, hook.Id, default))).Failure);
        Assert.Equal(1, await Product.One<WebhookQueries>().Failing(default));
    }

    [Fact]
    public async Task Failing_ForThreeDays_SwitchesOff()
    {
        var hook = await Add();
        Receiver.Answer = (_, context) => { context.Response.StatusCode = 500; return Task.CompletedTask; };
        await Test(hook.Id);
        await Deliver();
        Assert.Equal("failing", (await Product.One<WebhookQueries>().Find(hook.Id, default))!.State);
        await Database.Execute("UPDATE webhook_endpoints SET failing_since = now() - interval '73 hours'");
        await DueNow();
        await Deliver();
        Assert.Equal("off", (await Product.One<WebhookQueries>().Find(hook.Id, default))!.State);

        await Product.Do<ChangeWebhook, Outcome<bool>>(c => c.Enable(Product.Owner, hook.Id, default));
        Receiver.Answer = (_, context) => { context.Response.StatusCode = 200; return Task.CompletedTask; };
        await DueNow();
        await Deliver();
        Assert.Equal(("active", 0L), ((await Product.One<WebhookQueries>().Find(hook.Id, default))!.State, await Count("state = 'pending'")));
    }

    [Fact]
    public async Task SlowEndpoint_ThatNeverAnswers_DelaysNoOther()
    {
        var stuck = new TaskCompletionSource();
        var slow = await Add("/slow");
        var quick = await Add("/quick");
        Receiver.Answer = async (t, context) => { if (t.Path == "/slow") await stuck.Task; context.Response.StatusCode = 204; };
        // More than an endpoint may have in the air at once.
        for (var i = 0; i < 40; i++) await Test(slow.Id);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 40; i++) await Test(quick.Id);
        while (await Count($"endpoint_id = 2 AND state = 'delivered'") < 40)
        {
            await Dispatcher.Begin(default);
            await Task.Delay(5);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20));
        }

        Assert.Equal(WebhookQueue.AtOnce, Receiver.Taken.Count(t => t.Path == "/slow"));
        stuck.SetResult();
        await Deliver();
        Assert.Equal(80L, await Count("state = 'delivered'"));
    }

    [Fact]
    public async Task TwoDispatchers_AtOnce_SendEachOnce()
    {
        await Add();
        for (var i = 0; i < 30; i++) await Product.Waiting($"person{i}@example.com");
        await using var other = new Product(Database, ("Webhooks:AllowLoopback", "true"));
        var second = new WebhookDispatcher(
            other.One<WebhookQueue>(), other.One<WebhookClient>(), Product.One<WebhookSecrets>(), other.One<IServiceScopeFactory>(), other.One<IOptions<WebhooksOptions>>(), TimeProvider.System, NullLogger<WebhookDispatcher>.Instance);
        while (await Count("state = 'pending'") > 0) await Task.WhenAll(Dispatcher.Step(default), second.Step(default));
        Assert.Equal((60, 60), (Receiver.Taken.Count, Receiver.Taken.Select(t => t.Id).Distinct().Count()));
    }

    [Fact]
    public async Task Resend_AndReplaySince_SendAgainWithTheSameIds()
    {
        var hook = await Add();
        for (var i = 0; i < 3; i++) await Product.Waiting($"before{i}@example.com");
        await Database.Execute("UPDATE webhook_events SET at = now() - interval '2 days'");
        for (var i = 0; i < 4; i++) await Product.Waiting($"after{i}@example.com");
        await Deliver();
        Assert.Equal(14, Receiver.Taken.Count);
        var last = (await Product.One<WebhookQueries>().Deliveries(hook.Id, new("delivered", null, null), null, 50, default)).Rows[0];
        (await Product.Do<SendWebhook, Outcome<QueuedWebhook>>(s => s.Resend(Product.Owner, hook.Id, last.Id, default))).Must();
        await Deliver();
        Assert.Equal((15, 14), (Receiver.Taken.Count, Receiver.Taken.Select(t => t.Id).Distinct().Count()));

        var since = TimeProvider.System.GetUtcNow().AddDays(-1);
        var key = "replay";
        var first = (await Product.Do<ReplayWebhooks, Outcome<string>>(r => r.Start(Product.Owner, hook.Id, since, key, default))).Must();
        Assert.Equal(first, (await Product.Do<ReplayWebhooks, Outcome<string>>(r => r.Start(Product.Owner, hook.Id, since, key, default))).Must());
        Assert.True(await Product.One<OperationRunner>().Step(default));
        await Deliver();
        Assert.Equal((23, 14), (Receiver.Taken.Count, Receiver.Taken.Select(t => t.Id).Distinct().Count()));
        var work = (await Product.One<Operations>().Find(first, default))!;
        Assert.Equal(("done", 8L, 8L), (work.State, work.Done, work.Total));
        Assert.IsType<Invalid>((await Product.Do<ReplayWebhooks, Outcome<string>>(r => r.Start(Product.Owner, hook.Id, since.AddDays(-40), "old", default))).Failure);
        Assert.IsType<NotFound>((await Product.Do<SendWebhook, Outcome<QueuedWebhook>>(s => s.Resend(Product.Owner, hook.Id, 999, default))).Failure);
        var detail = (await Product.One<WebhookQueries>().Delivery(hook.Id, last.Id, default))!;
        Assert.Equal((2, Receiver.Taken.First(t => t.Id == last.EventId).Body), (detail.Attempts.Count - 1, detail.Body));
        Assert.Equal((23L, 23L), ((await Product.One<WebhookQueries>().Find(hook.Id, default))!.Day.Tries, (await Product.One<WebhookQueries>().Find(hook.Id, default))!.Week.Succeeded));
    }

    [Fact]
    public async Task Remove_AndForget_LeaveNothingBehind()
    {
        var hook = await Add();
        await Product.Waiting("gone@example.com");
        (await Product.Do<ChangeWebhook, Outcome<bool>>(c => c.Remove(Product.Owner, hook.Id, default))).Must();
        Assert.IsType<NotFound>((await Product.Do<ChangeWebhook, Outcome<bool>>(c => c.Remove(Product.Owner, hook.Id, default))).Failure);
        await Deliver();
        Assert.Empty(Receiver.Taken);
        await Database.Execute("UPDATE webhook_events SET at = now() - interval '31 days'");
        while (await Product.One<WebhookQueue>().Forget(default)) { }
        Assert.Equal((0L, 0L), (await Count("true"), await Database.Scalar<long>("SELECT count(*) FROM webhook_events")));
        Assert.Empty(await Product.Violations());
    }

    private IEnumerable<string> Seen() => Receiver.Taken.Select(t => $"{t.Data.GetProperty("email").GetString()!.Split('@')[0]} {t.Type}");
}
