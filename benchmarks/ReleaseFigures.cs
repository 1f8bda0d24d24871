using System.Globalization;
using InviteAdmin.Results;
using InviteAdmin.Rollout;

namespace InviteAdmin.Benchmarks;

/// <summary>Release of 100, 1,000 and 10,000 of a million waiting, against one statement by psql.</summary>
internal static class ReleaseFigures
{
    public static async Task Run(Lab lab)
    {
        var launch = await lab.NewLaunch(1_000_000);
        await using var psql = await Psql.Open(launch.Connection);
        Figures.Say("| people | ours, ms (middle half) | one statement, ms | ratio | n each |\n|---|---|---|---|---|");
        foreach (var (people, pairs) in ((int, int)[])[(100, 25), (1_000, 15), (10_000, 7)])
        {
            var limit = Lab.Script("release.sql").Replace(":people", people.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            var (ours, theirs) = (new List<double>(), new List<double>());
            for (var pair = -1; pair < pairs; pair++)
            {
                // The first pair warms both up.
                var our = await Figures.Time(async () => (await launch.Do<ReleaseCohort, Outcome<CohortFacts>>(r => r.Release(Lab.Owner, new ReleaseRequest(people), CancellationToken.None))).Must());
                var their = await psql.Run(limit);
                if (pair < 0) continue;
                ours.Add(our);
                theirs.Add(their);
            }

            Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| {people:N0} | {Figures.Of(ours)} | {Figures.Of(theirs)} | {Figures.Ratio(ours, theirs)} | {pairs} |"));
        }
    }
}
