namespace InviteAdmin.Data;

/// <summary>
/// A command gives up after seconds, so that nobody hangs on a database that has gone. Work that rightly takes longer (imports,
/// large releases, checks of everything) says so, and its commands get ten minutes.
/// </summary>
public static class LongWork
{
    internal static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    // A thousand rows take a fifth of a second.
    private const int Long = 1_000;
    private static readonly AsyncLocal<bool> UnderWay = new();

    /// <summary>How long a command of this flow may take; null for as long as the connection says.</summary>
    internal static TimeSpan? Patience => UnderWay.Value ? Most : null;

    /// <summary>From here to the end of the async method that calls it, with everything that method calls.</summary>
    public static void Begin() => UnderWay.Value = true;

    /// <summary>The same where the work is long by its size: up to a thousand rows wait no longer than any other command for a database that has gone.</summary>
    public static void Begin(int rows)
    {
        if (rows > Long)
        {
            Begin();
        }
    }
}
