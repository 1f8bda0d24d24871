using InviteAdmin.Rollout;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>Everything the rollout's page shows, read together.</summary>
/// <param name="Today">Today's batch in a sentence.</param>
/// <param name="Decisions">Newest first, those of the page's filter.</param>
/// <param name="OlderDecisions">Whether more of them follow.</param>
public sealed record RolloutFacts(PlanFacts Plan, PlanStanding Standing, string Today, SeatFacts Seats, IReadOnlyList<DecisionLine> Decisions, bool OlderDecisions)
{
    /// <summary>A plan that nobody has written yet.</summary>
    public bool IsBlank => Plan is { State: "draft", Version: 1 };

    /// <summary>Nothing is measured while nothing is under way.</summary>
    public bool IsMeasured => Plan.State is "running" or "soaking" or "holding";

    /// <summary>How it stands, in one sentence: what the rule says now, or why it is not asked.</summary>
    public string Sentence => Plan.State is "draft" or "paused" or "completed" || Plan.WaitsFor == "person" || Standing.Outcome is "send" or "sent" or "not-yet" or "off-day" ? Today
        : Standing.Reason;

    /// <summary>One for each stage.</summary>
    public IReadOnlyList<string> Sentences => PlanSentence.Of(Plan.Stages, Plan.Days, Plan.SendAt, Plan.Zone);

    /// <summary>What each condition was measured at since the stage began, oldest first; a share ends with what it is measured at now.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Courses { get; init; } = [];

    /// <param name="condition">Its place in the gate.</param>
    public IReadOnlyList<double> Course(int condition) => IsMeasured && Courses.Count == Standing.Gate.Count ? Courses[condition] : [];
}
