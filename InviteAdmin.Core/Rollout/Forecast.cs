namespace InviteAdmin.Rollout;

/// <summary>Local days: with 80 % probability not before <c>From</c> and not after <c>To</c>; as likely before as after <c>Middle</c>.</summary>
public sealed record DayRange(DateOnly From, DateOnly Middle, DateOnly To);

/// <summary>A count on a local day: below <c>Low</c> and above <c>High</c> with 10 % probability each.</summary>
public sealed record DayBand(DateOnly Day, long Low, long Middle, long High);

/// <summary>
/// When the queue will be empty, when a rank will be invited, and what that takes. Made by <see cref="ForecastModel"/>; immutable, so that many may read it.
/// </summary>
public sealed class Forecast
{
    private readonly ForecastRuns? _runs;

    internal Forecast(ForecastFacts facts, DayRange? empty, string sentence, IReadOnlyList<string> assumptions, ForecastRuns? runs = null, IReadOnlyList<DayBand>? invited = null, IReadOnlyList<DayBand>? seats = null)
    {
        (Facts, Empty, Sentence, Assumptions, _runs) = (facts, empty, sentence, assumptions, runs);
        (InvitedByDay, SeatsByDay) = (invited ?? [], seats ?? []);
    }

    public ForecastFacts Facts { get; }

    /// <summary>The first day after whose batch nobody waits; null when it cannot be said.</summary>
    public DayRange? Empty { get; }

    /// <summary>The range in words, or why there is none.</summary>
    public string Sentence { get; }

    /// <summary>What is taken for granted, each in a sentence.</summary>
    public IReadOnlyList<string> Assumptions { get; }

    /// <summary>From the day of the next batch on; empty when nothing can be said.</summary>
    public IReadOnlyList<DayBand> InvitedByDay { get; }

    /// <summary>Members and open invitations after each day's batch.</summary>
    public IReadOnlyList<DayBand> SeatsByDay { get; }

    /// <summary>When whoever stands at this rank now will be invited, gaining no points until then; null when it cannot be said. A lower rank is never earlier.</summary>
    public DayRange? ForRank(long rank) => rank < 1 ? null : _runs?.ForRank(rank);
}
