using Microsoft.AspNetCore.Components;

namespace InviteAdmin.Live;

/// <summary>A component without markup: calls its page when something changed, at most once a second and never while paused.</summary>
public sealed class LiveUpdates : ComponentBase, IDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _gone = new();
    private int _pending;
    private int _working;

    [Inject]
    public required ChangeFeed Feed { get; init; }

    [Inject]
    public required LiveSession Session { get; init; }

    [Parameter, EditorRequired]
    public EventCallback OnChange { get; set; }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            Feed.Changed += Note;
            Session.Switched += Note;
        }
    }

    private void Note()
    {
        Interlocked.Exchange(ref _pending, 1);
        if (Interlocked.CompareExchange(ref _working, 1, 0) == 0)
        {
            _ = InvokeAsync(Work);
        }
    }

    private async Task Work()
    {
        try
        {
            while (!Session.Paused && Interlocked.Exchange(ref _pending, 0) == 1)
            {
                await OnChange.InvokeAsync();
                await Task.Delay(Rest, _gone.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
        finally
        {
            Interlocked.Exchange(ref _working, 0);
        }

        // A change that came between the last look and the line above.
        if (!_gone.IsCancellationRequested && !Session.Paused && Volatile.Read(ref _pending) == 1)
        {
            Note();
        }
    }

    public void Dispose()
    {
        Feed.Changed -= Note;
        Session.Switched -= Note;
        _gone.Cancel();
    }
}
