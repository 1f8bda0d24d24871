namespace InviteAdmin.Rollout;

/// <summary>The plan in force, as its page shows it.</summary>
/// <param name="State">draft, running, soaking, holding, paused or completed.</param>
/// <param name="BatchSize">People a day in the stage in force.</param>
/// <param name="Version">Counts the edits; an edit names the one it began from.</param>
public sealed record PlanFacts(
    long Id, string State, string Zone, TimeOnly SendAt, IReadOnlyList<string> Days, int BatchSize, int? Capacity, string? PausedBy, string? PausedReason, int Version)
{
    public static readonly IReadOnlyList<string> Week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    public IReadOnlyList<Stage> Stages { get; init; } = [new("Everyone", BatchSize, null, 0, "auto", [])];

    /// <summary>Index of the stage in force.</summary>
    public int Stage { get; init; }

    public int? MailPerMinute { get; init; }

    /// <summary>gate, data, approval or person while it is held.</summary>
    public string? WaitsFor { get; init; }

    public DateTimeOffset? HeldSince { get; init; }

    public string? HeldReason { get; init; }

    /// <summary>The plan as an editor begins with it.</summary>
    public PlanRequest AsRequest() => new(Zone, SendAt.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture), Days, Capacity, MailPerMinute, [.. Stages.Select(StageRequest.Of)], Version);
}

/// <summary>Where the plan stands at this moment, by the rule that decides.</summary>
/// <param name="Reason">Why nothing is sent now, or that a batch is about to go out.</param>
/// <param name="SoakDay">Day of the soak, from 1; null when none is running.</param>
/// <param name="Gate">The conditions of the stage in force at this moment, with their verdicts.</param>
/// <param name="NextBatchAt">When the next batch goes out if nothing is in its way; null while it is held, paused, not started or done.</param>
public sealed record PlanStanding(DateOnly Today, string Outcome, string Reason, int BatchesSent, int? SoakDay, IReadOnlyList<ConditionResult> Gate, DateTimeOffset? NextBatchAt);

/// <summary>Seats: how many there are, who holds them and how many are free.</summary>
/// <param name="Seats">Null without a limit.</param>
public sealed record SeatFacts(int? Seats, long Members, long Outstanding)
{
    public long? Free => Seats is { } seats ? Math.Max(0, seats - Members - Outstanding) : null;
}

/// <summary>What was decided on one date, and from which facts.</summary>
/// <param name="By">Who decided; null for the rule.</param>
/// <param name="Inputs">JSON.</param>
public sealed record DecisionFacts(DateOnly LocalDate, DateTimeOffset At, string Outcome, string Reason, int? Cohort, int? Invited, int Stage = 0, string? By = null, string? Inputs = null);

/// <summary>Decisions made again from their stored inputs.</summary>
/// <param name="Differing">Sentences of those that came out otherwise; there should be none.</param>
public sealed record ReplayReport(int Decisions, IReadOnlyList<string> Differing);
