using System.Globalization;
using InviteAdmin.Hosting;

namespace InviteAdmin.Benchmarks;

/// <summary>The published build: how long its second start takes to the first answer, and what it holds when idle, whatever waits in the database.</summary>
internal static class StartFigures
{
    private const int Starts = 5;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    public static async Task Run(Lab lab)
    {
        var folder = lab.PathOf("published");
        var root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));
        var (exitCode, output) = await Command.Run(["dotnet", "publish", Path.Combine(root, "InviteAdmin"), "-c", "Release", "--use-current-runtime", "-o", folder, "--nologo", "-v", "quiet"], CancellationToken.None);
        if (exitCode != 0) throw new InvalidOperationException(output);
        Figures.Say("| waiting | start to first answer, s | idle after 20 s, MB | n |\n|---|---|---|---|");
        foreach (var people in lab.Short ? [10_000] : (int[])[10_000, 10_000_000])
        {
            var launch = await lab.Waiting(people);
            var redis = await lab.NewRedis();
            var (times, memory) = (new List<double>(), new List<double>());
            for (var start = -1; start < Starts; start++)
            {
                var (app, took) = await ServedApp.Start(launch.Connection, redis, Path.Combine(folder, "InviteAdmin"));
                await using var _ = app;
                if (start < 0) continue;
                times.Add(took.TotalSeconds);
                if (start > 0 && lab.Short) continue;
                await Task.Delay(Idle);
                memory.Add(app.Megabytes);
            }

            Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| {people:N0} | {Figures.Of(times)} | {Figures.Median(memory):N0} | {Starts} |"));
        }
    }
}
