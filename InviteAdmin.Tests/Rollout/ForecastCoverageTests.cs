using System.Globalization;
using InviteAdmin.Rollout;
using Xunit.Abstractions;

namespace InviteAdmin.Tests.Rollout;

/// <summary>Holds forecasts against launches that ran on: a range that is said to be 80 % sure holds what came true about four times in five.</summary>
public sealed class ForecastCoverageTests(ITestOutputHelper output)
{
    private const int Launches = 60;
    private static readonly int[] Seeds = [1, 2, 3, 4];

    [Fact]
    public void Of_LaunchesThatRanOn_RangesHoldFourInFive_n240()
    {
        var (empty, rank) = ((Held: 0, Said: 0), (Held: 0, Said: 0));
        foreach (var seed in Seeds)
        {
            for (var (i, n) = (0, 0); n < Launches; i++)
            {
                if (ForecastTruth.Of((seed * 100_000) + i) is not { } launch) continue;
                n++;
                var forecast = ForecastModel.Of(launch.Facts);
                empty = Count(empty, forecast.Empty, launch.EmptyOn);
                rank = Count(rank, forecast.ForRank(launch.Rank), launch.RankInvitedOn);
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Seeds {string.Join(", ", Seeds)}, {Launches} launches each: empty in {empty.Held} of {empty.Said} ({Share(empty):P1}), a rank in {rank.Held} of {rank.Said} ({Share(rank):P1})."));
        Assert.True(empty.Said >= 150 && rank.Said >= 200, "Too few launches were foreseen to tell.");
        Assert.InRange(Share(empty), 0.75, 0.90);
        Assert.InRange(Share(rank), 0.75, 0.90);
    }

    private static (int Held, int Said) Count((int Held, int Said) count, DayRange? said, DateOnly? came) =>
        said is null ? count : (count.Held + (came >= said.From && came <= said.To ? 1 : 0), count.Said + 1);

    private static double Share((int Held, int Said) count) => (double)count.Held / count.Said;
}
