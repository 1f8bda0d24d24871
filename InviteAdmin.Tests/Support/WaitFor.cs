using System.Diagnostics;

namespace InviteAdmin.Tests.Support;

/// <summary>Waits until something that happens elsewhere has happened, instead of sleeping for as long as it might take.</summary>
public static class WaitFor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task True(Func<Task<bool>> happened, TimeSpan? patience = null)
    {
        for (var waited = Stopwatch.StartNew(); !await happened(); await Task.Delay(20))
            if (waited.Elapsed > (patience ?? Patience)) throw new TimeoutException($"Did not happen within {(patience ?? Patience).TotalSeconds} s.");
    }
}
