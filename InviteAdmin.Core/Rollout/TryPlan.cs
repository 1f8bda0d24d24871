using InviteAdmin.Access;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>What a plan leads to.</summary>
public sealed record PlanCourse(string Sentence, DayRange? Empty, IReadOnlyList<DayBand> InvitedByDay, IReadOnlyList<DayBand> SeatsByDay)
{
    internal static PlanCourse Of(Forecast forecast) => new(forecast.Sentence, forecast.Empty, forecast.InvitedByDay, forecast.SeatsByDay);
}

/// <summary>A plan that is not saved, beside the one in force.</summary>
/// <param name="Now">People of the next batch as it is, and <paramref name="Then"/> as it would be.</param>
/// <param name="Differing">Those who enter the next batch, or drop out of it; the best-ranked of them.</param>
public sealed record PlanTrial(PlanCourse Course, PlanCourse Tried, int Now, int Then, IReadOnlyList<PreviewedPerson> Differing, IReadOnlyList<string> Warnings);

/// <summary>What would follow from a plan before it is saved. Writes nothing.</summary>
public sealed class TryPlan(NpgsqlDataSource source, ForecastQueries forecasts)
{
    private const int MostShown = 100;

    public async Task<Outcome<PlanTrial>> One(Actor actor, PlanRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Read) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        var plan = PlanCheck.Read(request, checks);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        var facts = await forecasts.Facts(cancel);
        var stage = Math.Min(facts.Stage, plan.Stages.Count - 1);
        var tried = facts with
        {
            Days = plan.Days, SendAt = plan.SendAt, Capacity = plan.Capacity, Stages = plan.Stages, Stage = stage, Batches = stage == facts.Stage ? facts.Batches : [],
            // A draft is tried as if it ran from today.
            State = facts.State is "draft" or "paused" ? "running" : facts.State,
        };
        await using var connection = await source.OpenConnectionAsync(cancel);
        var (now, then) = (Next(facts), Next(tried));
        var next = now == then ? [] : (await ReleasePreviews.Make(connection, new ReleaseRequest(Math.Max(now, then)), cancel)).Invited.Skip(Math.Min(now, then)).Take(MostShown);
        return new PlanTrial(PlanCourse.Of(ForecastModel.Of(facts)), PlanCourse.Of(ForecastModel.Of(tried)), now, then, [.. next], PlanCheck.Warnings(plan, facts.Today));
    }

    // As far as seats reach.
    private static int Next(ForecastFacts facts) => (int)Math.Max(0, Math.Min(
        Math.Min(facts.Stages[facts.Stage].BatchSize, facts.Waiting), (facts.Capacity ?? long.MaxValue) - (facts.Capacity is null ? 0 : facts.Members + facts.Open.Sum(o => o.Count))));
}
