using InviteAdmin.Data;

namespace InviteAdmin.Rollout;

/// <summary>The plan, where it stands, its seats and what it decided last, all of one moment.</summary>
public sealed record RolloutReading(PlanFacts Plan, PlanStanding Standing, SeatFacts Seats, IReadOnlyList<DecisionFacts> Decisions);

/// <summary>Reads the whole rollout at once, so that no answer mixes two versions of it; in a transaction that changes the plan, as it is after the change.</summary>
public sealed class ReadRollout(Transactions transactions, PlanClock clock)
{
    /// <param name="decisions">How many decisions at most, the newest first.</param>
    public Task<RolloutReading> Now(int decisions, CancellationToken cancel) => transactions.Read(async connection => new RolloutReading(
        await PlanQueries.Current(connection, cancel), await PlanQueries.Standing(connection, clock, cancel), await PlanQueries.Seats(connection, cancel),
        await PlanQueries.Decisions(connection, decisions, cancel)), cancel);
}
