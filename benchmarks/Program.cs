using InviteAdmin.Benchmarks;

// ./run [--short] [--charts] [--at=ENTRIES] [--callers=N] [NAME …]: all without a name. Each prints its lines of docs/performance.md.
(string Name, Func<Lab, Task> Run)[] all =
[
    ("import", ImportFigures.Run),
    ("release", ReleaseFigures.Run),
    ("mint", MintFigures.Run),
    ("join-cost", JoinFigures.Run),
    ("join", RateFigures.Joins),
    ("redeem", RateFigures.Redemptions),
    ("hot-code", RateFigures.HotCode),
    ("rings", RingFigures.Run),
    ("rank", LookUpFigures.Ranks),
    ("leaderboard", LookUpFigures.Leaderboard),
    ("chain", LookUpFigures.Chains),
    ("gate", GateFigures.Run),
    ("forecast", ForecastFigures.Run),
    ("webhooks", WebhookFigures.Run),
    ("pages", PageFigures.Run),
    ("drain", DrainFigures.Run),
    ("start", StartFigures.Run),
];
var names = args.Where(a => !a.StartsWith("--", StringComparison.Ordinal)).ToList();
var chosen = all.Where(b => names.Count == 0 || names.Contains(b.Name, StringComparer.Ordinal)).ToList();
if (chosen.Count == 0 || names.Except(all.Select(b => b.Name)).Any())
{
    await Console.Error.WriteLineAsync($"Benchmarks: {string.Join(", ", all.Select(b => b.Name))}.");
    return 1;
}

await using var lab = await Lab.Open(args.Contains("--short", StringComparer.Ordinal), args.Contains("--charts", StringComparer.Ordinal) ? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../docs")) : null, args);
Figures.Say(lab.Machine);
foreach (var (name, run) in chosen)
{
    Figures.Say($"\n## {name}\n");
    await run(lab);
}

return 0;
