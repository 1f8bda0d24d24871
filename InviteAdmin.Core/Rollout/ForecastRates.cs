namespace InviteAdmin.Rollout;

/// <summary>
/// What the history says about people a day, as a posterior to draw from. Counts are Poisson with a gamma rate, so the predictive is negative binomial (Gelman et al.,
/// Bayesian Data Analysis, 3rd ed., 2.6 and 3.2). Variance is φ times the mean (quasi-Poisson, McCullagh and Nelder, Generalized Linear Models, 2nd ed., 6.2.3) with
/// φ | y ~ ν φ̂ / χ²(ν) and rate | y, φ ~ Gamma((S + ½) / φ, N / φ), where φ̂ is Pearson's statistic, S and N the people and days, and ν = N − 1. Older days count less, by
/// <see cref="Discount"/> a day, as in discounted models of a drifting level (West and Harrison, Bayesian Forecasting and Dynamic Models, 2nd ed., 2.4); N is then (Σw)² / Σw².
/// </summary>
internal sealed class DailyRate
{
    private const double Discount = 0.98;
    private const double PriorDays = 1;
    private const double PriorSpread = 2;
    private readonly double _people, _days, _spread, _freedom;

    public DailyRate(IReadOnlyList<long> history)
    {
        double weights = 0, squares = 0, sum = 0;
        for (var i = 0; i < history.Count; i++)
        {
            var weight = Weight(i, history.Count);
            (weights, squares, sum) = (weights + weight, squares + (weight * weight), sum + (weight * history[i]));
        }

        if (weights == 0)
        {
            return;
        }

        var mean = sum / weights;
        var deviations = 0.0;
        for (var i = 0; i < history.Count; i++)
        {
            deviations += Weight(i, history.Count) * (history[i] - mean) * (history[i] - mean);
        }

        _days = weights * weights / squares;
        _people = mean * _days;
        var pearson = mean > 0 ? deviations / weights * _days / mean : 0;
        _freedom = Math.Max(0, _days - 1) + PriorDays;
        _spread = (pearson + (PriorDays * PriorSpread)) / _freedom;
        Mean = mean;
    }

    public double Mean { get; }

    /// <summary>A rate and a spread that the history allows.</summary>
    public (double Mean, double Spread) Draw(ForecastDraws draws)
    {
        if (_people == 0 && _days == 0)
        {
            return (0, 1);
        }

        var spread = Math.Clamp(_freedom * _spread / (2 * draws.Gamma(_freedom / 2)), 1, 20 * Math.Max(1, _spread));
        return (draws.Gamma((_people + 0.5) / spread) * spread / _days, spread);
    }

    private static double Weight(int day, int days) => Math.Pow(Discount, days - 1 - day);
}

/// <summary>
/// The share of open invitations that is used on each day of their life. Each day has a beta posterior of its own, Beta(1·h + used, 1·(1 − h) + unused) about a weak prior h, of
/// invitations that reached that day; so cohorts that are still open tell what they can (the discrete life table in Bayesian form: Gelman et al. 2.4; Susarla and Van Ryzin,
/// “Nonparametric Bayesian estimation of survival curves from incomplete observations”, 1976).
/// </summary>
internal sealed class ConversionRate(IReadOnlyList<AgeCount> history, int days)
{
    public void Draw(ForecastDraws draws, double[] shares)
    {
        for (var day = 0; day < days; day++)
        {
            var (exposed, registered) = day < history.Count ? (history[day].Exposed, Math.Min(history[day].Registered, history[day].Exposed)) : (0, 0);
            var prior = day == 0 ? 0.2 : 0.2 / (day + 3);
            shares[day] = draws.Beta(prior + registered, 1 - prior + exposed - registered);
        }
    }
}

/// <summary>
/// How many get ahead of a rank for each newcomer: those who enter ahead, and friends whom newcomers lift past it. Each step from one level to the next has a gamma posterior of its own
/// (gamma-Poisson as in <see cref="DailyRate"/>), so that in no draw a lower rank is overtaken by fewer.
/// </summary>
internal sealed class OvertakingRate(Overtaking overtaking)
{
    public int Levels => overtaking.Levels.Count;

    public int LevelOf(long rank)
    {
        var level = 0;
        while (level < overtaking.Levels.Count - 1 && overtaking.Levels[level].UpTo < rank)
        {
            level++;
        }

        return level;
    }

    public void Draw(ForecastDraws draws, Span<float> shares)
    {
        var (sum, before) = (0.0, 0L);
        for (var level = 0; level < shares.Length; level++)
        {
            var overtakers = overtaking.Levels[level].Overtakers;
            sum += overtakers > before || level == 0 ? draws.Gamma(overtakers - before + (level == 0 ? 0.1 : 0)) : 0;
            before = overtakers;
            shares[level] = (float)(sum / Math.Max(1, overtaking.Newcomers));
        }
    }
}
