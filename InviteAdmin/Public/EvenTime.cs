namespace InviteAdmin.Public;

/// <summary>
/// Lets the answer to a join leave at the full tenth of a second after its request, so that a clock does not tell what the words keep to themselves: whether an address is on the list.
/// </summary>
internal static class EvenTime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    /// <param name="began">The clock's timestamp at the request.</param>
    public static async Task Wait(long began, TimeProvider time, CancellationToken cancel)
    {
        var until = new TimeSpan(Step.Ticks * ((time.GetElapsedTime(began).Ticks / Step.Ticks) + 1));
        // A timer may fire some milliseconds early: its clock is a coarser one.
        while (until - time.GetElapsedTime(began) is { Ticks: > 0 } left)
        {
            await Task.Delay(left < Least ? Least : left, time, cancel);
        }
    }
}
