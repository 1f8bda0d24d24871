namespace InviteAdmin.Live;

/// <summary>The one line at the bottom of the dashboard: what just happened, and for a few seconds the way back.</summary>
public sealed class Notices
{
    public Notice? Current { get; private set; }

    public event Action? Changed;

    public void Say(string text) => Show(new(text, 6, null, null));

    /// <summary>For what is reversible and ours: done already, undone on request.</summary>
    public void Done(string text, Func<Task> undo) => Show(new(text, 10, undo, null));

    /// <summary>For what leaves the building: happens when the time is over, unless somebody says no.</summary>
    public void Soon(string text, Func<Task> act) => Show(new(text, 10, null, act));

    public void Clear(Notice notice)
    {
        if (Current == notice)
        {
            Current = null;
            Changed?.Invoke();
        }
    }

    private void Show(Notice notice)
    {
        var waiting = Current;
        Current = notice;
        Changed?.Invoke();
        // Whatever was still waiting is not lost because something newer is shown.
        _ = waiting?.Run();
    }
}

/// <summary>One line with its way back.</summary>
/// <param name="Seconds">How long it stands.</param>
/// <param name="Undo">Takes back what was done.</param>
/// <param name="Later">What is done when the time is over; the way back is not to do it.</param>
public sealed record Notice(string Text, int Seconds, Func<Task>? Undo, Func<Task>? Later)
{
    private int _over;

    public bool HasWayBack => Undo is not null || Later is not null;

    /// <summary>The time is over, or the line makes room: what waits is done, once.</summary>
    public Task Run() => Interlocked.Exchange(ref _over, 1) == 0 && Later is not null ? Later() : Task.CompletedTask;

    public Task TakeBack() => Interlocked.Exchange(ref _over, 1) == 0 && Undo is not null ? Undo() : Task.CompletedTask;
}
