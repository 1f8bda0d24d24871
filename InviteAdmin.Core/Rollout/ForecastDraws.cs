namespace InviteAdmin.Rollout;

/// <summary>
/// Random draws that a seed repeats on every machine. Generator: xoshiro256** seeded by splitmix64 (Blackman and Vigna, “Scrambled linear pseudorandom number
/// generators”, 2021). Gamma: Marsaglia and Tsang, “A simple method for generating gamma variables”, 2000. Counts that are large are drawn from the normal of the
/// same mean and variance, which is off by less than a person or two there.
/// </summary>
internal sealed class ForecastDraws
{
    private ulong _a, _b, _c, _d;
    private double _spare = double.NaN;

    public ForecastDraws(int seed, int path)
    {
        var state = ((ulong)(uint)seed << 32) | (uint)path;
        (_a, _b, _c, _d) = (Split(ref state), Split(ref state), Split(ref state), Split(ref state));
    }

    /// <summary>Between 0 and 1, never either.</summary>
    public double Uniform() => ((Next() >> 11) + 0.5) * (1.0 / (1UL << 53));

    public double Normal()
    {
        if (!double.IsNaN(_spare))
        {
            var kept = _spare;
            _spare = double.NaN;
            return kept;
        }

        double x, y, square;
        do
        {
            x = (2 * Uniform()) - 1;
            y = (2 * Uniform()) - 1;
            square = (x * x) + (y * y);
        }
        while (square is >= 1 or 0);

        var factor = Math.Sqrt(-2 * Math.Log(square) / square);
        _spare = y * factor;
        return x * factor;
    }

    public double Gamma(double shape)
    {
        if (shape < 1)
        {
            return shape <= 0 ? 0 : Gamma(shape + 1) * Math.Pow(Uniform(), 1 / shape);
        }

        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal();
            var v = 1 + (c * x);
            if (v > 0)
            {
                v *= v * v;
                if (Math.Log(Uniform()) < (0.5 * x * x) + (d * (1 - v + Math.Log(v))))
                {
                    return d * v;
                }
            }
        }
    }

    public double Beta(double one, double other)
    {
        var x = Gamma(one);
        var y = Gamma(other);
        return x + y > 0 ? x / (x + y) : one / (one + other);
    }

    public long Poisson(double mean)
    {
        if (mean > 60)
        {
            return Whole(mean + (Math.Sqrt(mean) * Normal()));
        }

        var (limit, product, count) = (Math.Exp(-mean), Uniform(), 0L);
        for (; product > limit; count++)
        {
            product *= Uniform();
        }

        return count;
    }

    /// <summary>Poisson whose mean is itself drawn, so that the variance is <paramref name="spread"/> times the mean.</summary>
    public long Spread(double mean, double spread) =>
        mean <= 0 ? 0 : spread <= 1.001 ? Poisson(mean) : Poisson(Gamma(mean / (spread - 1)) * (spread - 1));

    public long Binomial(long count, double share)
    {
        if (count <= 0 || share < 1e-15)
        {
            return 0;
        }

        if (share > 0.5)
        {
            return count - Binomial(count, 1 - share);
        }

        var variance = count * share * (1 - share);
        if (variance > 25)
        {
            return Math.Min(count, Whole((count * share) + (Math.Sqrt(variance) * Normal())));
        }

        // Failures between successes are geometric, so that the work grows with the successes and not with the count.
        var (scale, passed, successes) = (share < 1e-5 ? -share * (1 + (share / 2)) : Math.Log(1 - share), 0.0, -1L);
        while (passed <= count)
        {
            successes++;
            passed += Math.Floor(Math.Log(Uniform()) / scale) + 1;
        }

        return successes;
    }

    private static long Whole(double value) => Math.Max(0, (long)Math.Round(value));

    private ulong Next()
    {
        var result = ulong.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }

    private static ulong Split(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
