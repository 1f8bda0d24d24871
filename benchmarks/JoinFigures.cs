using System.Globalization;
using InviteAdmin.Results;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Benchmarks;

/// <summary>What a join through somebody's link costs with a million waiting, against ten thousand.</summary>
internal static class JoinFigures
{
    private const int Rounds = 60;
    private const int PerRound = 25;

    public static async Task Run(Lab lab)
    {
        var (small, large) = (await lab.NewLaunch(10_000), await lab.NewLaunch(1_000_000));
        var (smalls, larges) = (new List<double>(), new List<double>());
        for (var round = -4; round < Rounds; round++)
        {
            for (var i = 0; i < PerRound; i++)
            {
                var n = (round * PerRound) + i;
                var inSmall = await Join(small, n, 10_000);
                var inLarge = await Join(large, n, 1_000_000);
                if (round < 0) continue;
                smalls.Add(inSmall);
                larges.Add(inLarge);
            }
        }

        Figures.Say("| | at 10,000, ms (middle half) | at 1,000,000, ms | ratio | n each |\n|---|---|---|---|---|");
        Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| join, one caller | {Figures.Of(smalls)} | {Figures.Of(larges)} | {Figures.Ratio(larges, smalls)} | {Rounds * PerRound:N0} |"));
    }

    // Referrers are spread over the whole list, as they are in life.
    private static Task<double> Join(Launch launch, int n, int people)
    {
        var referrer = 1 + (int)((uint)(n * 2_654_435_761L) % people);
        var request = new JoinRequest($"new-{n}@example.com", "Ben Example", "Twitter", string.Create(CultureInfo.InvariantCulture, $"r{referrer:D25}"), EmailVerified: true);
        return Figures.Time(async () => (await launch.Do<JoinWaitlist, Outcome<JoinAnswer>>(j => j.One(Lab.Key, request, CancellationToken.None))).Must());
    }
}
