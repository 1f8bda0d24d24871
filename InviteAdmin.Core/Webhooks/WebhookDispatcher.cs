using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using InviteAdmin.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Webhooks;

/// <summary>
/// Delivers webhooks, in every process. A try runs on its own and only its endpoint has fewer places meanwhile, so that a slow one delays nobody else.
/// </summary>
public sealed class WebhookDispatcher(
    WebhookQueue queue, WebhookClient client, WebhookSecrets secrets, IServiceScopeFactory scopes, IOptions<WebhooksOptions> options, TimeProvider time, ILogger<WebhookDispatcher> log) : BackgroundService
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenForgetting = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<long, int> _busy = new();
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    // A try ends by its own limit; the rest is for a database that must be waited for.
    private TimeSpan Lease => TimeSpan.FromSeconds(options.Value.TimeoutSeconds + 40);

    /// <summary>Begins what is due and has room. Returns how many were begun; they go on by themselves.</summary>
    public async Task<int> Begin(CancellationToken cancel)
    {
        await queue.Sweep(cancel);
        var claimed = await queue.Claim(new Dictionary<long, int>(_busy), Lease, cancel);
        foreach (var one in claimed)
        {
            _busy.AddOrUpdate(one.EndpointId, 1, (_, n) => n + 1);
        }

        foreach (var one in claimed)
        {
            var run = Task.Run(() => Deliver(one), CancellationToken.None);
            _running[run] = 0;
            _ = run.ContinueWith(ended => _running.TryRemove(ended, out _), TaskScheduler.Default);
        }

        return claimed.Count;
    }

    /// <summary>Begins what is due and waits until all of it has ended. Returns how many there were.</summary>
    public async Task<int> Step(CancellationToken cancel)
    {
        var begun = await Begin(cancel);
        await Task.WhenAll(_running.Keys).WaitAsync(cancel);
        return begun;
    }

    /// <summary>The body as it is signed and sent; the same on every try.</summary>
    public static string Body(string type, DateTimeOffset at, string data) => new JsonObject
    {
        ["type"] = type, ["timestamp"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture), ["data"] = JsonNode.Parse(data),
    }.ToJsonString(JsonSerializerOptions.Web);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var forgot = Stopwatch.StartNew();
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Idle;
            try
            {
                if (await Begin(stoppingToken) > 0)
                {
                    pause = TimeSpan.FromMilliseconds(20);
                }
                else if (forgot.Elapsed > BetweenForgetting)
                {
                    if (!await queue.Forget(stoppingToken))
                    {
                        forgot.Restart();
                    }
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.Log(Absence.MayPass(e) ? LogLevel.Warning : LogLevel.Error, Absence.MayPass(e) ? null : e, "Webhooks wait: {Reason}", e.GetType().Name);
                pause = TimeSpan.FromSeconds(2);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // A moment for what is in the air to be written down; what is not is sent again by whoever sweeps its lease.
        await Task.WhenAny(Task.WhenAll(_running.Keys), Task.Delay(TimeSpan.FromSeconds(3), CancellationToken.None));
    }

    private async Task Deliver(ClaimedWebhook claimed)
    {
        try
        {
            var (clock, at) = (Stopwatch.StartNew(), time.GetUtcNow());
            string body, signature;
            try
            {
                body = Body(claimed.Type, claimed.At, claimed.Data);
                signature = WebhookSecrets.Sign([secrets.Reveal(claimed.Secret), .. claimed.OldSecret is { } old ? new[] { secrets.Reveal(old) } : []], claimed.EventId, at, body);
            }
            catch (Exception e) when (Absence.MayPass(e))
            {
                // The keys of Data Protection lie in the database.
                await queue.GiveBack(claimed, CancellationToken.None);
                return;
            }

            var answer = await client.Post(claimed.Url, claimed.EventId, at, signature, body, CancellationToken.None);
            var (state, wait) = answer.Succeeded ? ("delivered", TimeSpan.Zero)
                : answer.IsGone || claimed.Attempt >= WebhookSchedule.MostTries ? ("dead", TimeSpan.Zero)
                : ("pending", WebhookSchedule.Wait(claimed.Attempt, answer.RetryAfter, Random.Shared.NextDouble()));
            await Note(new(claimed, answer, state, wait, WebhookSchedule.Rest(answer), at, (int)clock.ElapsedMilliseconds));
            if (!answer.Succeeded)
            {
                log.LogInformation("Webhook delivery {Id} try {Attempt} failed: {Status}", claimed.Id, claimed.Attempt, answer.Status);
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<DisableFailing>().Check(claimed.EndpointId, answer.IsGone, CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            // Its lease ends and it is tried again.
            log.Log(Absence.MayPass(e) ? LogLevel.Warning : LogLevel.Error, Absence.MayPass(e) ? null : e, "Webhook delivery {Id} could not be ended: {Reason}", claimed.Id, e.GetType().Name);
        }
        finally
        {
            _busy.AddOrUpdate(claimed.EndpointId, 0, (_, n) => n - 1);
        }
    }

    // A database that is away is waited for while the lease lasts.
    private async Task Note(FinishedWebhook done)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(250))
        {
            try
            {
                await queue.Finish(done, CancellationToken.None);
                Telemetry.WebhookTried(done.Claimed.Type, done.State, done.Answer.Status, TimeSpan.FromMilliseconds(done.Milliseconds));
                return;
            }
            catch (Exception e) when (Absence.MayPass(e) && waited.Elapsed < TimeSpan.FromSeconds(30))
            {
                // Asked again.
            }
        }
    }
}
