namespace InviteAdmin.Public;

/// <summary>
/// Lets the answer to a join leave at the full tenth of a second after its request, so that a clock does not tell what the words keep to themselves: whether an address is on the list.
/// </summary>
internal static class EvenTime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <param name="began">The clock's timestamp at the request.</param>
    public static Task Wait(long began, TimeProvider time, CancellationToken cancel) =>
        Task.Delay(new TimeSpan(Step.Ticks - (time.GetElapsedTime(began).Ticks % Step.Ticks)), time, cancel);
}
