using InviteAdmin.Benchmarks;

// ./run [NAME …]: all without a name. Each prints its lines of docs/performance.md.
(string Name, Func<Lab, Task> Run)[] all =
[
    ("import", ImportFigures.Run),
    ("release", ReleaseFigures.Run),
    ("mint", MintFigures.Run),
    ("join", JoinFigures.Run),
];
var chosen = all.Where(b => args.Length == 0 || args.Contains(b.Name, StringComparer.Ordinal)).ToList();
if (chosen.Count == 0 || args.Except(all.Select(b => b.Name)).Any())
{
    await Console.Error.WriteLineAsync($"Benchmarks: {string.Join(", ", all.Select(b => b.Name))}.");
    return 1;
}

await using var lab = await Lab.Open();
Figures.Say(lab.Machine);
foreach (var (name, run) in chosen)
{
    Figures.Say($"\n## {name}\n");
    await run(lab);
}

return 0;
