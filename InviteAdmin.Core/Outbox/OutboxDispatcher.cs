using System.Diagnostics;
using InviteAdmin.Data;
using InviteAdmin.People;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace InviteAdmin.Outbox;

/// <summary>Delivers what is due, in every process, a few at a time. An item ends sent, suppressed, or dead after eight tries.</summary>
public sealed class OutboxDispatcher(OutboxQueue queue, SharedCommit<LeaveAsk, LeaveAnswer> leaving, SharedCommit<TryResult, bool> results, IMailChannel channel, ChatChannel chat, EmailHash emailHash, ILogger<OutboxDispatcher> log) : BackgroundService
{
    public const int MostTries = 8;
    private const int BatchSize = 100;
    private const int AtOnce = 8;
    private static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);
    private const string Suppressed = "The address is suppressed.";

    // About four hours in all: a mail server that is down over lunch costs nobody their invitation.
    private static readonly TimeSpan[] Waits =
        [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2)];

    /// <summary>How long a claimed batch is ours. Nothing is begun in its second half and nothing waited for to its end, so that a slow server cannot make two of us send the same mail.</summary>
    internal TimeSpan Lease { get; init; } = 4 * channel.Patience;

    /// <summary>Delivers one batch. Returns how many items were due.</summary>
    public async Task<int> Step(CancellationToken cancel)
    {
        await queue.Sweep(cancel);
        var held = Stopwatch.StartNew();
        var items = await queue.Claim(BatchSize, Lease, cancel);
        if (items.Count == 0)
        {
            return 0;
        }

        var hashes = new Dictionary<long, byte[]>(items.Count);
        foreach (var item in items)
        {
            if (EmailAddress.TryParse(item.Recipient, out var email, out _))
            {
                hashes[item.Id] = await emailHash.Of(email.Canonical, cancel);
            }
        }

        var suppressed = await queue.Suppressed([.. hashes.Values], cancel);
        var begun = new bool[items.Count];
        try
        {
            await Parallel.ForAsync(0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (i, _) =>
            {
                if (held.Elapsed > Lease / 2)
                {
                    return;
                }

                begun[i] = true;
                var result = hashes.TryGetValue(items[i].Id, out var hash) && suppressed.Contains(Convert.ToHexString(hash))
                    ? new TryResult(items[i], "suppressed", Suppressed, default, 0, hash)
                    : await Try(items[i], hash, (Lease * 0.9) - held.Elapsed);
                if (result is null)
                {
                    begun[i] = false;
                    return;
                }

                await Note(result, held, cancel);
            });
        }
        finally
        {
            await queue.GiveBack([.. items.Where((_, i) => !begun[i])], CancellationToken.None);
        }

        return items.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var told = Stopwatch.StartNew();
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = 500;
            try
            {
                if (told.Elapsed > TellEvery)
                {
                    told.Restart();
                    await queue.TellOfFailures(stoppingToken);
                }

                pause = await Step(stoppingToken) >= BatchSize ? 0 : 500;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, mail must not stand still for good; what is no absence is told in full.
                log.Log(Absence.MayPass(e) || e is RedisException ? LogLevel.Warning : LogLevel.Error, Absence.MayPass(e) ? null : e, "The outbox waits: {Reason}", e.GetType().Name);
                pause = 2_000;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Writes a result down as soon as it is known, so that a crash repeats at most the mail in the air at that moment. A database
    /// that is away is waited for while the lease lasts: what it cannot be told was sent would be sent again.
    /// </summary>
    private async Task Note(TryResult result, Stopwatch held, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await results.Add(result, null, CancellationToken.None);
                Telemetry.MailTried(result.Item.Template, result.State, TimeSpan.FromMilliseconds(result.Milliseconds));
                return;
            }
            catch (Exception e) when (Absence.MayPass(e) && held.Elapsed < Lease && !cancel.IsCancellationRequested)
            {
                await Task.Delay(250, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Not cancelled by a stop: half a talk with a mail server leaves nobody knowing whether the mail is out. The host bounds how long a stop may take.
    // Null when the item stays and counts as not tried.
    private async Task<TryResult?> Try(OutboxItem item, byte[]? hash, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        var clock = Stopwatch.StartNew();
        DateTimeOffset? left = null;
        TryResult Ended(string state, string? error, TimeSpan wait = default) =>
            new(item, state, error, wait, (int)clock.ElapsedMilliseconds, hash) { LeftAt = left, TemplateVersion = item.TemplateVersion };
        try
        {
            MayLeave mayLeave = async cancel => left = await Leave(item, hash, cancel);
            await (item.Kind == StaffChat.Kind ? chat.Deliver(item, mayLeave, limit.Token) : channel.Deliver(item, mayLeave, limit.Token));
            return Ended("sent", null);
        }
        catch (Withheld e)
        {
            return e.Suppressed ? Ended("suppressed", Suppressed) : null;
        }
        catch (RefusedForGood e)
        {
            return Ended("dead", e.Message);
        }
        catch (Exception e)
        {
            // A message may carry the recipient; the type says enough for a log, the row keeps the first line for staff.
            log.LogWarning("Outbox item {Id} try {Attempt} failed: {Reason}", item.Id, item.Attempts, e.GetType().Name);
            var why = e.Message.ReplaceLineEndings(" ");
            return item.Attempts >= MostTries ? Ended("dead", why) : Ended("pending", why, Backoff(item.Attempts));
        }
    }

    // Throws when the mail must stay.
    private async Task<DateTimeOffset> Leave(OutboxItem item, byte[]? hash, CancellationToken cancel)
    {
        var answer = (await leaving.Add(new LeaveAsk(item, hash), null, cancel)).Must();
        return answer is { Suppressed: false, Kept: false } ? answer.At : throw new Withheld(answer is { Suppressed: true, Kept: false });
    }

    private static TimeSpan Backoff(int attempt) => Waits[Math.Clamp(attempt - 1, 0, Waits.Length - 1)] * (0.8 + (Random.Shared.NextDouble() * 0.4));
}
