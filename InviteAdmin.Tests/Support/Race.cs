// Most tests wait, for browsers, processes and timeouts, more than they work.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]

namespace InviteAdmin.Tests.Support;

/// <summary>Many calls let go at one instant, so that they meet inside the database and not in the test.</summary>
public static class Race
{
    public static async Task<T[]> Of<T>(int count, Func<int, Task<T>> call)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runners = Enumerable.Range(0, count).Select(async i =>
        {
            await gate.Task;
            return await call(i);
        }).ToArray();
        gate.SetResult();
        return await Task.WhenAll(runners);
    }
}

/// <summary>How often a race is run: a few times in every run, many times in the nightly one.</summary>
public static class Trials
{
    public static bool Nightly { get; } = Environment.GetEnvironmentVariable("INVITEADMIN_NIGHTLY") == "1";

    public static int Of(int always, int nightly) => Nightly ? nightly : always;
}

/// <summary>Tests that measure what a loaded machine still does, or set what all of the process sees, run alone and one after another.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LoadCollection
{
    public const string Name = "load";
}
