using System.Text.Json;

namespace InviteAdmin.Rollout;

/// <summary>A step of the plan: batches of one size on the plan's days, then a soak, then a gate.</summary>
/// <param name="BatchSize">People a day.</param>
/// <param name="Batches">How many batches; null until nobody waits.</param>
/// <param name="SoakDays">Whole local days after the last batch on which nothing is sent.</param>
/// <param name="Approval">auto, or manual: then a person lets the next stage begin once the gate has passed.</param>
public sealed record Stage(string Name, int BatchSize, int? Batches, int SoakDays, string Approval, IReadOnlyList<GateCondition> Gate)
{
    public bool NeedsApproval => Approval == "manual";

    /// <summary>Stages as they are stored. A plan without stages is one: the same batch on each of its days.</summary>
    internal static IReadOnlyList<Stage> Read(string json, int batchSize) =>
        JsonSerializer.Deserialize<Stage[]>(json, PlanJson.Options) is { Length: > 0 } stages ? stages : [new Stage("Everyone", batchSize, null, 0, "auto", [])];
}

/// <summary>How plans and decisions are written to <c>jsonb</c>, which keeps no order of fields.</summary>
public static class PlanJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { AllowOutOfOrderMetadataProperties = true };
}
