namespace InviteAdmin.Live;

/// <summary>What one open dashboard has chosen: to follow changes, or to hold still.</summary>
public sealed class LiveSession
{
    public bool Paused { get; private set; }

    public event Action? Switched;

    public void Toggle()
    {
        Paused = !Paused;
        Switched?.Invoke();
    }
}
