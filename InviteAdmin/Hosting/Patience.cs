using System.Reflection;

namespace InviteAdmin.Hosting;

/// <summary>
/// Bounds how long a stop may take. A scheduler whose database has gone keeps trying to reach it for more than a minute,
/// whatever the host's own timeout says; nothing that is not committed by then can be.
/// </summary>
public static class Patience
{
    /// <summary>Waits for the work; once <paramref name="stopping"/> is cancelled, for at most <paramref name="most"/> and half a second more.</summary>
    public static async Task Bound(Task work, CancellationToken stopping, TimeSpan most)
    {
        await Task.WhenAny(work, Task.Delay(Timeout.InfiniteTimeSpan, stopping));
        try
        {
            await work.WaitAsync(most + TimeSpan.FromSeconds(0.5));
        }
        catch (TimeoutException)
        {
            // Left behind; the process ends.
        }
    }

    /// <summary>Ends a process of our own without waiting for threads that were left behind; a test's process only gets the exit code.</summary>
    public static int End(int exitCode)
    {
        if (Assembly.GetEntryAssembly() == typeof(Patience).Assembly) Environment.Exit(exitCode);
        return exitCode;
    }
}
