namespace InviteAdmin.Rollout;

/// <summary>
/// Foresees a staged rollout by simulating it many times, day by day, from what the facts allow. Each run draws its rates once from their posteriors, so that what is not
/// known stays unknown for a whole run, and its days from those rates; the quantiles of the runs are then prediction intervals with the uncertainty of the parameters in
/// them (Gelman et al., Bayesian Data Analysis, 3rd ed., 1.3 and 6.3; simulated paths: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.5).
/// <para>Joins a day: gamma-Poisson with over-dispersion, y | λ ~ Poisson(λ), λ ~ Gamma(μ / (φ − 1), scale φ − 1), so E y = μ and Var y = φ μ; μ and φ from <see cref="DailyRate"/>,
/// and members by other codes the same. Registrations of the open invitations of age d: Binomial(open, h_d), h_d from <see cref="ConversionRate"/>. Batches, soaks and
/// conversion gates follow <see cref="StageRule"/>; a batch is min(size, waiting, capacity − members − open). A rank r is invited on the first day t with
/// invited(t) − returned(t) ≥ r + a(r) · newcomers(t), a from <see cref="OvertakingRate"/>.</para>
/// <para>The rates of the last weeks are taken to hold on: no launch day, season or growth is foreseen. Pure; the same facts and seed give the same forecast.</para>
/// </summary>
public static class ForecastModel
{
    /// <summary>Days looked ahead.</summary>
    public const int Horizon = 730;

    /// <summary>Days of the charts.</summary>
    public const int ChartDays = 60;

    /// <summary>Whole days of joins that a forecast needs.</summary>
    public const int LeastDays = 3;

    private const int Runs = 500;

    public static Forecast Of(ForecastFacts facts) => Of(facts, facts.Seed, Runs, Horizon);

    public static Forecast Of(ForecastFacts facts, int seed, int runs, int horizon)
    {
        if (ForecastSentence.CannotSay(facts) is { } why)
        {
            return new(facts, null, why, []);
        }

        var path = new ForecastPath(facts, horizon, ChartDays);
        var kept = new ForecastRuns(facts, path.Start, runs);
        var (invited, seats) = (new long[ChartDays][], new long[ChartDays][]);
        for (var day = 0; day < ChartDays; day++)
        {
            (invited[day], seats[day]) = (new long[runs], new long[runs]);
        }

        var reasons = new Dictionary<StillWaiting, int>();
        for (var run = 0; run < runs; run++)
        {
            var draws = new ForecastDraws(seed, run);
            path.Run(draws);
            kept.Keep(run, path, draws);
            for (var day = 0; day < Math.Min(ChartDays, path.Steps); day++)
            {
                (invited[day][run], seats[day][run]) = (path.Invited[day], path.Seats[day]);
            }

            if (path.EmptyAt < 0)
            {
                reasons[path.Reason] = reasons.GetValueOrDefault(path.Reason) + 1;
            }
        }

        var empty = kept.Range(kept.EmptyAt);
        var main = reasons.Count == 0 ? StillWaiting.Nobody : reasons.MaxBy(r => r.Value).Key;
        return new(facts, empty, empty is null ? ForecastSentence.NotEmpty(facts, main, reasons.Values.Sum(), runs) : ForecastSentence.Empty(facts, empty), ForecastSentence.Assumptions(facts),
            kept, Bands(path.Start, invited), Bands(path.Start, seats));
    }

    private static List<DayBand> Bands(DateOnly start, long[][] days)
    {
        var bands = new List<DayBand>(days.Length);
        for (var day = 0; day < days.Length; day++)
        {
            var sorted = days[day];
            Array.Sort(sorted);
            bands.Add(new(start.AddDays(day), sorted[ForecastRuns.Low(sorted.Length)], sorted[sorted.Length / 2], sorted[ForecastRuns.High(sorted.Length)]));
        }

        return bands;
    }
}
