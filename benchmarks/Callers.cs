using System.Diagnostics;

namespace InviteAdmin.Benchmarks;

/// <summary>So many callers, each asking again as soon as it has its answer.</summary>
internal static class Callers
{
    /// <summary>Answers per second. Every call must succeed; one that does not ends the benchmark.</summary>
    public static async Task<double> Rate(int callers, TimeSpan time, Func<int, Func<Task>> newCaller)
    {
        var done = 0L;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(n => Task.Run(async () =>
        {
            var call = newCaller(n);
            while (clock.Elapsed < time)
            {
                await call();
                Interlocked.Increment(ref done);
            }
        })));
        return done / clock.Elapsed.TotalSeconds;
    }
}
