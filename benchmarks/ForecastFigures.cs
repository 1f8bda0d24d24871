using System.Globalization;
using InviteAdmin.Insights;
using InviteAdmin.Rollout;

namespace InviteAdmin.Benchmarks;

/// <summary>The forecast of a launch: made from its facts, and a rank looked up in it.</summary>
internal static class ForecastFigures
{
    public static async Task Run(Lab lab)
    {
        Figures.Say("| | median, ms | p99, ms | n |\n|---|---|---|---|");
        foreach (var people in lab.Chosen("at", lab.Short ? [100_000] : [1_000_000]))
        {
            var launch = await lab.Waiting(people);
            await launch.Do<RefreshInsights, Results.Outcome<InsightReport>>(r => r.Run(Lab.Owner, CancellationToken.None));
            // So many a day that the queue empties within months, and so few that it never does and every run goes on for two years.
            foreach (var (what, batch) in ((string, int)[])[("empties in months", people / 25), ("never empties", people / 180)])
            {
                await launch.Execute(string.Create(CultureInfo.InvariantCulture, $"UPDATE rollout_plans SET state = 'running', batch_size = {batch}, capacity = NULL, days = ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']"));
                var queries = launch.One<ForecastQueries>();
                await Show($"forecast at {Text(people)} waiting, {what}", 20, async _ =>
                {
                    queries.Forget();
                    await queries.Current(CancellationToken.None);
                });
                await Show("facts of it", 20, _ => queries.Facts(CancellationToken.None));
                await Show($"one rank's estimate, forecast kept, {what}", 1_000, n => queries.ForRank(1 + (n * 7_919L % people), CancellationToken.None));
            }
        }
    }

    private static async Task Show(string what, int count, Func<int, Task> ask)
    {
        var times = new List<double>();
        for (var n = -Math.Max(2, count / 10); n < count; n++)
        {
            var time = await Figures.Time(() => ask(Math.Abs(n)));
            if (n >= 0) times.Add(time);
        }

        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| {what} | {Figures.Tail(times)} | {count:N0} |"));
    }

    private static string Text(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
