using System.Globalization;
using System.Text;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Benchmarks;

/// <summary>Import of a CSV with 100,000 rows, from the upload to the report, and the memory it takes.</summary>
internal static class ImportFigures
{
    private const int Runs = 5;

    public static async Task Run(Lab lab)
    {
        Figures.Say("| rows | s, median (middle half) | rows/s | most memory before → during, MB | n |\n|---|---|---|---|---|");
        foreach (var rows in (int[])[10_000, 100_000])
        {
            var times = new List<double>();
            var memory = new List<(long Before, long Most)>();
            for (var run = 0; run < Runs; run++)
            {
                // A launch of its own each time: importing a list again would add nobody.
                var launch = await lab.NewLaunch(0);
                var file = lab.PathOf("list.csv");
                await File.WriteAllTextAsync(file, List(rows));
                GC.Collect();
                await File.WriteAllTextAsync("/proc/self/clear_refs", "5");
                var before = Memory("VmRSS");
                times.Add(await Figures.Time(() => Import(launch, file, rows)) / 1_000);
                memory.Add((before, Memory("VmHWM")));
            }

            Figures.Say(string.Create(CultureInfo.InvariantCulture,
                $"| {rows:N0} | {Figures.Of(times)} | {rows / Figures.Median(times):N0} | {memory.Max(m => m.Before)} → {memory.Max(m => m.Most)} | {Runs} |"));
        }
    }

    private static async Task Import(Launch launch, string file, int rows)
    {
        await using var csv = File.OpenRead(file);
        var id = (await launch.Do<ImportWaitlist, Outcome<string>>(i => i.Upload(Lab.Owner, csv, CancellationToken.None))).Must();
        var operation = (await launch.Do<ImportWaitlist, Outcome<string>>(i => i.Start(Lab.Owner, id, "list.csv", dryRun: false, id, CancellationToken.None))).Must();
        await launch.One<OperationRunner>().Step(CancellationToken.None);
        var facts = (await launch.One<Operations>().Find(operation, CancellationToken.None))!;
        if (facts.State != "done" || facts.Done != rows) throw new InvalidOperationException($"The import is {facts.State} after {facts.Done} rows: {facts.Error}");
    }

    /// <summary>One in five came by somebody's link, one in ten from a named source.</summary>
    private static string List(int rows)
    {
        var list = new StringBuilder("email,name,source,joined at,referred by\n");
        for (var i = 0; i < rows; i++)
        {
            list.Append(CultureInfo.InvariantCulture, $"person-{i}@example.com,Ann Example {i % 1000},{(i % 10 == 0 ? "Twitter" : "")},2026-01-{1 + (i * 28L / rows):00}T{i * 28L * 24 / rows % 24:00}:{i % 60:00}:00Z,")
                .Append(i % 5 == 0 && i > 100 ? string.Create(CultureInfo.InvariantCulture, $"person-{i / 100}@example.com") : "").Append('\n');
        }

        return list.ToString();
    }

    /// <summary>Megabytes of this process, as the kernel counts them.</summary>
    private static long Memory(string what) =>
        long.Parse(File.ReadLines("/proc/self/status").Single(l => l.StartsWith(what, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
