namespace InviteAdmin.Rollout;

/// <summary>The courses that were simulated, kept so that a rank's day is found by looking along each.</summary>
internal sealed class ForecastRuns(ForecastFacts facts, DateOnly start, int count)
{
    /// <summary>Later than every day.</summary>
    public const int Never = int.MaxValue;

    private readonly (long[] Net, long[] Newcomers, float[] Overtaken)[] _runs = new (long[], long[], float[])[count];
    private readonly OvertakingRate _overtaking = new(facts.Overtaking);

    public void Keep(int run, ForecastPath path, ForecastDraws draws)
    {
        // Past the first empty day there is nobody left of today's queue.
        var steps = path.EmptyAt >= 0 ? path.EmptyAt + 1 : path.Steps;
        var overtaken = new float[_overtaking.Levels];
        _overtaking.Draw(draws, overtaken);
        _runs[run] = (path.Net[..steps], path.Newcomers[..steps], overtaken);
        EmptyAt[run] = path.EmptyAt < 0 ? Never : path.EmptyAt;
    }

    /// <summary>By run; <see cref="Never"/> within the horizon.</summary>
    public int[] EmptyAt { get; } = new int[count];

    public DayRange? ForRank(long rank)
    {
        var ahead = rank - (facts.OnHold * rank / Math.Max(1, facts.Waiting + facts.OnHold));
        var level = _overtaking.LevelOf(rank);
        var days = new int[count];
        for (var run = 0; run < count; run++)
        {
            var (net, newcomers, overtaken) = _runs[run];
            var share = overtaken.Length == 0 ? 0 : overtaken[level];
            var day = 0;
            while (day < net.Length && net[day] < ahead + (share * newcomers[day]))
            {
                day++;
            }

            days[run] = day < net.Length ? day : EmptyAt[run];
        }

        return Range(days);
    }

    /// <summary>Null when fewer than nine of ten runs have such a day.</summary>
    public DayRange? Range(int[] days)
    {
        var sorted = (int[])days.Clone();
        Array.Sort(sorted);
        return sorted[High(sorted.Length)] == Never ? null : new(start.AddDays(sorted[Low(sorted.Length)]), start.AddDays(sorted[sorted.Length / 2]), start.AddDays(sorted[High(sorted.Length)]));
    }

    public static int Low(int count) => count / 10;

    public static int High(int count) => count - 1 - (count / 10);
}
