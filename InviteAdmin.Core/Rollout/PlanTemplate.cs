namespace InviteAdmin.Rollout;

/// <summary>A plan to begin with.</summary>
/// <param name="Key">As it stands in an address.</param>
/// <param name="Sentence">Whom it suits.</param>
public sealed record PlanTemplate(string Key, string Name, string Sentence, IReadOnlyList<StageRequest> Stages)
{
    private static readonly ConditionRequest FewBounces = new("bounces", AtMost: 0.05, MinimumSample: 50);
    private static readonly ConditionRequest FewComplaints = new("complaints", AtMost: 0.01, MinimumSample: 200);

    public static readonly IReadOnlyList<PlanTemplate> All =
    [
        new("cautious", "Cautious", "A few at first, and more only when what was measured says so.",
        [
            new("Small start", 25, 4, 3, "auto", [new("conversion", AtLeast: 0.35, MinimumSample: 50, AfterDays: 3), FewBounces]),
            new("A hundred a day", 100, 5, 3, "auto", [new("conversion", AtLeast: 0.35, MinimumSample: 200, AfterDays: 3), FewBounces]),
            new("Everyone", 100, null, 0, "auto", [FewComplaints]),
        ]),
        new("steady", "Steady", "The same number each day, until nobody waits.", [new("Everyone", 100, null, 0, "auto", [FewBounces, FewComplaints])]),
        new("open-the-doors", "Open the doors", "Some first, one day to look, and everybody else as soon as somebody approves.",
        [
            new("First five hundred", 500, 1, 1, "manual", [FewBounces]),
            new("Everyone", 5_000, null, 0, "auto", [FewComplaints]),
        ]),
    ];

    /// <summary>The template with these stages, on the days and in the zone of the plan that stands there.</summary>
    public PlanRequest Over(PlanFacts plan) => plan.AsRequest() with { Stages = Stages };
}
