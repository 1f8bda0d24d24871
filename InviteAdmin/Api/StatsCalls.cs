using InviteAdmin.Access;
using InviteAdmin.Insights;

namespace InviteAdmin.Api;

/// <summary>
/// The numbers of some days of the plan's zone. joined are those put on the list in them; confirmed, invited and registered are of those before. conversion is registered by
/// invited, viralCoefficient how many members one who registered in these days brought within 28 days; both are null without anybody to count.
/// </summary>
public sealed record StatsAnswer(
    DateOnly From, DateOnly To, string Zone, DateTimeOffset? CountedAt, long Joined, long Confirmed, long Invited, long Registered, double? Conversion, double? ViralCoefficient,
    IReadOnlyList<DayStats> ByDay, IReadOnlyList<SourceStats> BySource, IReadOnlyList<CohortStats> ByCohort);

/// <summary>What happened on one day, whenever its people joined.</summary>
public sealed record DayStats(DateOnly Day, long Joined, long Invited, long Registered);

/// <summary>The steps of those of one source; source is null for those who came directly.</summary>
public sealed record SourceStats(string? Source, long Joined, long Confirmed, long Invited, long Registered, double? Conversion);

/// <summary>A cohort released in these days: how many of it have registered by now, at most 28 days after its release.</summary>
public sealed record CohortStats(int Number, DateTimeOffset ReleasedAt, long Invited, long Registered, double? Conversion);

/// <summary>The route of the launch's numbers.</summary>
internal static class StatsCalls
{
    private const string Example =
        """
        {"from":"2026-11-21","to":"2026-11-22","zone":"Europe/Berlin","countedAt":"2026-11-22T09:30:00Z","joined":420,"confirmed":388,"invited":100,"registered":61,"conversion":0.61,"viralCoefficient":0.4,"byDay":[{"day":"2026-11-21","joined":230,"invited":0,"registered":12},{"day":"2026-11-22","joined":190,"invited":100,"registered":61}],"bySource":[{"source":"Product Hunt","joined":300,"confirmed":280,"invited":80,"registered":50,"conversion":0.625},{"source":null,"joined":120,"confirmed":108,"invited":20,"registered":11,"conversion":0.55}],"byCohort":[{"number":13,"releasedAt":"2026-11-22T08:00:00Z","invited":100,"registered":61,"conversion":0.61}]}
        """;

    public static void MapStats(this IEndpointRouteBuilder api) =>
        api.MapGet("/stats", Stats).Describe("getStats", "Insights", "The launch in numbers", Scope.Read,
                $"from and to are days of the plan's zone, both counted, at most {StatsQueries.MostDays}; without them the last thirty. Counted anew every half minute: countedAt says when. byCohort has the {InsightQueries.MostCohorts} newest.",
                ["validation"], answer: Example)
            .Produces<StatsAnswer>();

    private static async Task<IResult> Stats(StatsQueries stats, CancellationToken cancel, DateOnly? from = null, DateOnly? to = null)
    {
        if (from?.Year is < 2000 or > 2200)
        {
            return Problem.OfField("from", "From must be a day between 2000-01-01 and 2200-12-31.");
        }

        if (to?.Year is < 2000 or > 2200)
        {
            return Problem.OfField("to", "To must be a day between 2000-01-01 and 2200-12-31.");
        }

        var range = await stats.Range(from, to, cancel);
        if (range.To < range.From)
        {
            return Problem.OfField("to", "To must not lie before from.");
        }

        if (range.Days > StatsQueries.MostDays)
        {
            return Problem.OfField("from", $"From and to may span at most {StatsQueries.MostDays} days.");
        }

        var found = await stats.Of(range, cancel);
        var steps = found.Steps;
        return TypedResults.Ok(new StatsAnswer(
            range.From, range.To, range.Zone, found.CountedAt, steps.Joined, steps.Confirmed, steps.Invited, steps.Registered, Share(steps.Registered, steps.Invited), found.Viral.Coefficient,
            [.. found.Days.Select(d => new DayStats(d.Day, d.Joined, d.Invited, d.Registered))],
            [.. found.Sources.Select(s => new SourceStats(s.Source, s.Steps.Joined, s.Steps.Confirmed, s.Steps.Invited, s.Steps.Registered, Share(s.Steps.Registered, s.Steps.Invited)))],
            [.. found.Cohorts.Select(c => new CohortStats(c.Number, c.ReleasedAt, c.Invited, c.Registered, Share(c.Registered, c.Invited)))]));
    }

    private static double? Share(long part, long whole) => whole == 0 ? null : (double)part / whole;
}
