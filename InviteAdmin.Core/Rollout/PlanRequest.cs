using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace InviteAdmin.Rollout;

/// <summary>The plan as a person or a caller of the API writes it.</summary>
/// <param name="SendAt">Local time of day, HH:mm.</param>
/// <param name="Days">mon … sun.</param>
/// <param name="Capacity">Seats; null for no limit.</param>
/// <param name="MailPerMinute">Invitations mailed a minute at most; null as fast as they can.</param>
/// <param name="Version">The version that was read; null to save over whatever stands there.</param>
public sealed record PlanRequest(
    [property: Required] string? Zone, [property: Required] string? SendAt, [property: Required, AllowedValues("mon", "tue", "wed", "thu", "fri", "sat", "sun")] IReadOnlyList<string>? Days, int? Capacity, int? MailPerMinute, [property: Required] IReadOnlyList<StageRequest>? Stages, int? Version = null);

/// <summary>A stage as it is written; see <see cref="Stage"/>.</summary>
public sealed record StageRequest([property: Required] string? Name, int BatchSize, int? Batches, int SoakDays, [property: Required, AllowedValues("auto", "manual")] string? Approval, IReadOnlyList<ConditionRequest>? Gate)
{
    public static StageRequest Of(Stage stage) => new(stage.Name, stage.BatchSize, stage.Batches, stage.SoakDays, stage.Approval, [.. stage.Gate.Select(ConditionRequest.Of)]);
}

/// <summary>A condition as it is written: <c>Metric</c> says which of the other fields count.</summary>
public sealed record ConditionRequest(
    [property: Required, AllowedValues("conversion", "retention", "signal", "bounces", "complaints", "capacity")] string? Metric,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? AtLeast = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? AtMost = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? MinimumSample = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? AfterDays = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Day = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), AllowedValues("latest", "mean", "max")] string? Use = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Hours = null)
{
    public static ConditionRequest Of(GateCondition condition) => condition switch
    {
        ConversionCondition c => new("conversion", c.AtLeast, MinimumSample: c.MinimumSample, AfterDays: c.AfterDays),
        RetentionCondition r => new("retention", r.AtLeast, MinimumSample: r.MinimumSample, Day: r.Day),
        SignalCondition s => new("signal", s.AtLeast, s.AtMost, Name: s.Name, Use: s.Use.ToString().ToLowerInvariant(), Hours: s.Hours),
        BounceCondition b => new("bounces", AtMost: b.AtMost, MinimumSample: b.MinimumSample),
        ComplaintCondition c => new("complaints", AtMost: c.AtMost, MinimumSample: c.MinimumSample),
        CapacityCondition c => new("capacity", c.AtLeast),
        _ => throw new ArgumentException($"Nothing is known of conditions like {condition.GetType().Name}.", nameof(condition)),
    };
}

/// <summary>A plan that was saved, and what whoever saved it should know.</summary>
public sealed record PlanSaved(int Version, IReadOnlyList<string> Warnings);
