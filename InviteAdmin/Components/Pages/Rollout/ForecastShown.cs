using InviteAdmin.Components.Shared;
using InviteAdmin.Insights;
using InviteAdmin.Rollout;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>A forecast as the rollout's page draws it: what was invited, and what will be with its range.</summary>
/// <param name="Past">Invited on each day before today, oldest first.</param>
/// <param name="Cohorts">Released on those days.</param>
public sealed record ForecastShown(
    string Sentence, bool CanSay, IReadOnlyList<string> Assumptions, IReadOnlyList<LaunchDay> Past, IReadOnlyList<CohortMark> Cohorts, IReadOnlyList<DayBand> Invited, IReadOnlyList<DayBand> Seats)
{
    /// <summary>Days that are drawn before today.</summary>
    public const int PastDays = 14;

    public static ForecastShown Of(Forecast forecast, IReadOnlyList<LaunchDay> past, IReadOnlyList<CohortMark> cohorts) =>
        new(forecast.Sentence, forecast.Empty is not null, forecast.Assumptions, past, cohorts, forecast.InvitedByDay, forecast.SeatsByDay);

    internal ChartPoint[] Points => [.. Past.Select(d => ChartPoint.Of(d.Day) with { Mark = Mark(d.Day) }), .. Invited.Select((b, i) => ChartPoint.Of(b.Day) with { Mark = i == 0 ? "the forecast begins" : null })];

    internal ChartLine[] Lines =>
    [
        new("Invited, then the middle of the forecast", [.. Past.Select(d => (double?)d.Invited), .. Invited.Select(b => (double?)b.Middle)]) { Mark = "" },
        Foreseen("At least", b => b.Low),
        Foreseen("At most", b => b.High),
    ];

    /// <summary>Seats at the end of what is drawn, in words; null when nothing is foreseen.</summary>
    internal string? SeatsSentence(int? seats) => Seats.Count == 0 ? null
        : $"On {Seats[^1].Day.ToString("d MMMM", System.Globalization.CultureInfo.InvariantCulture)} {(Seats[^1].Low == Seats[^1].High ? Say.Number(Seats[^1].Low) : $"between {Say.Number(Seats[^1].Low)} and {Say.Number(Seats[^1].High)}")}{(seats is { } all ? $" of {Say.Number(all)}" : "")} seats are taken (80 % sure).{(Seats[^1].High > seats ? " Seats hold the plan's batches back, not people who come with a member's or a campaign's code." : "")}";

    private ChartLine Foreseen(string name, Func<DayBand, long> of) => new(name, [.. Past.Select(_ => (double?)null), .. Invited.Select(b => (double?)of(b))]) { Mark = "" };

    private string? Mark(DateOnly day) => Cohorts.Where(c => c.Day == day).Select(c => c.Number).ToArray() switch { [] => null, [var one] => $"cohort {one} released", var many => $"{many.Length} cohorts released" };
}
