using System.Collections.Concurrent;

namespace InviteAdmin.Outbox;

/// <summary>
/// Connections to the mail server that are kept and used again: at most so many, each for so many mails and not for long, because servers
/// end old ones. One that lay idle is looked at before it is used. It also keeps the pace.
/// </summary>
internal sealed class SmtpPool(SmtpOptions settings, string ownName, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan MostIdle = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MostAge = TimeSpan.FromMinutes(5);
    private readonly SemaphoreSlim _places = new(settings.Connections);
    private readonly ConcurrentStack<Kept> _idle = new();
    private readonly Lock _pace = new();
    private long _next;

    /// <summary>Gives a connection that is ready to send, and takes it back. The caller's <paramref name="waits"/> is told what is being waited for.</summary>
    public async Task Use(Func<SmtpTalk, Task> send, Action<Func<string>> waits, CancellationToken cancel)
    {
        waits(() => "a free connection");
        await _places.WaitAsync(cancel);
        try
        {
            while (!await Use(await Take() ?? new Kept(new SmtpTalk(), time.GetTimestamp(), 0), send, waits, cancel))
            {
                // The server had ended a connection that was kept; the mail had not begun to go.
            }
        }
        finally
        {
            _places.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryPop(out var kept))
        {
            await kept.Talk.DisposeAsync();
        }
    }

    private async Task<bool> Use(Kept kept, Func<SmtpTalk, Task> send, Action<Func<string>> waits, CancellationToken cancel)
    {
        var talk = kept.Talk;
        waits(() => talk.Stage);
        try
        {
            if (kept.Freed == 0)
            {
                await talk.Open(settings, ownName, cancel);
            }

            await send(talk);
            return true;
        }
        catch (IOException e) when (e is not SmtpRefusal && kept.Freed != 0 && talk.Stage is ("MAIL" or "RCPT"))
        {
            return false;
        }
        finally
        {
            await GiveBack(kept);
        }
    }

    private async Task<Kept?> Take()
    {
        while (_idle.TryPop(out var kept))
        {
            if (time.GetElapsedTime(kept.Freed) < MostIdle && !kept.Talk.IsStale())
            {
                return kept;
            }

            await kept.Talk.DisposeAsync();
        }

        return null;
    }

    private async Task GiveBack(Kept kept)
    {
        if (kept.Talk.IsSound && kept.Talk.Taken < settings.MailsPerConnection && time.GetElapsedTime(kept.Opened) < MostAge)
        {
            _idle.Push(kept with { Freed = time.GetTimestamp() });
        }
        else
        {
            await kept.Talk.DisposeAsync();
        }
    }

    /// <summary>Waits until the next mail may go: evenly spread, each gets the next moment that is free.</summary>
    public async Task KeepPace(CancellationToken cancel)
    {
        if (settings.MailsPerSecond == 0)
        {
            return;
        }

        TimeSpan wait;
        lock (_pace)
        {
            var now = time.GetTimestamp();
            var moment = Math.Max(now, _next);
            _next = moment + (time.TimestampFrequency / settings.MailsPerSecond);
            wait = time.GetElapsedTime(now, moment);
        }

        await Task.Delay(wait, time, cancel);
    }

    private sealed record Kept(SmtpTalk Talk, long Opened, long Freed);
}
