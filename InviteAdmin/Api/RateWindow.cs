namespace InviteAdmin.Api;

/// <summary>Whether a request was taken from its window, how many are left of it, and in how many seconds the next begins.</summary>
internal readonly record struct RateTaken(bool Allowed, int Left, int Seconds);

/// <summary>What this process knows of one window: how much of it is its own to deal out, and how much it has dealt out. Times are milliseconds of a clock that only goes on.</summary>
/// <param name="born">When it was first asked for; nobody has begun it yet.</param>
internal sealed class RateWindow(long born = 0)
{
    // Longer than anybody waits for Redis.
    private const long Patience = 30_000;
    private readonly Lock _gate = new();
    private long _endsAt;
    private int _held;
    private int _used;
    private int _left;
    private bool _empty;

    public bool IsOver(long now)
    {
        lock (_gate)
        {
            return now >= Math.Max(_endsAt, born + Patience);
        }
    }

    /// <summary>Of what this process holds, or a refusal that stands until the window ends; null when the others have to be asked.</summary>
    public RateTaken? TakeHeld(long now)
    {
        lock (_gate)
        {
            if (now < _endsAt && _held > 0)
            {
                _held--;
                _used++;
                return Say(true, now, _left + _held);
            }

            return now < _endsAt && _empty ? Say(false, now, 0) : null;
        }
    }

    /// <summary>What was dealt out of the window that runs, and how long it still does.</summary>
    public (int Used, long Milliseconds) Standing(long now, long whole)
    {
        lock (_gate)
        {
            return now < _endsAt ? (_used + _held, Math.Max(1, _endsAt - now)) : (0, whole);
        }
    }

    /// <summary>Takes one of what was granted and holds the rest.</summary>
    public RateTaken Grant(long now, int granted, int left, long milliseconds)
    {
        lock (_gate)
        {
            Begin(now, milliseconds);
            _endsAt = now + milliseconds;
            (_held, _left) = (_held + granted, left);
            if (_held == 0)
            {
                _empty = true;
                return Say(false, now, 0);
            }

            _held--;
            _used++;
            return Say(true, now, _left + _held);
        }
    }

    /// <summary>Takes one of this process's share, which nobody else deals out.</summary>
    public RateTaken TakeShare(long now, int share, long milliseconds)
    {
        lock (_gate)
        {
            Begin(now, milliseconds);
            if (_used >= share)
            {
                return Say(false, now, 0);
            }

            _used++;
            return Say(true, now, share - _used);
        }
    }

    private void Begin(long now, long milliseconds)
    {
        if (now >= _endsAt)
        {
            (_endsAt, _held, _used, _left, _empty) = (now + milliseconds, 0, 0, 0, false);
        }
    }

    private RateTaken Say(bool allowed, long now, int left) => new(allowed, left, (int)Math.Max(1, (_endsAt - now + 999) / 1_000));
}
