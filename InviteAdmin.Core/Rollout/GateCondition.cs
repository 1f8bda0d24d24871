using System.Text.Json.Serialization;

namespace InviteAdmin.Rollout;

/// <summary>What the cohorts of a stage must show before the next stage begins. One of the kinds below; in JSON <c>metric</c> names it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "metric")]
[JsonDerivedType(typeof(ConversionCondition), "conversion")]
[JsonDerivedType(typeof(RetentionCondition), "retention")]
[JsonDerivedType(typeof(SignalCondition), "signal")]
[JsonDerivedType(typeof(BounceCondition), "bounces")]
[JsonDerivedType(typeof(ComplaintCondition), "complaints")]
[JsonDerivedType(typeof(CapacityCondition), "capacity")]
public abstract record GateCondition
{
    /// <summary>Whether a breach halts the rollout at once, also between batches and in the middle of one; the others are asked when the soak is over.</summary>
    [JsonIgnore]
    public virtual bool Stops => false;
}

/// <summary>Of those invited at least <c>AfterDays</c> days ago, the share (0 to 1) that registered within so many days.</summary>
public sealed record ConversionCondition(double AtLeast, int MinimumSample, int AfterDays) : GateCondition;

/// <summary>Of those who registered at least <c>Day</c> days ago, the share (0 to 1) that was active on that day after registering.</summary>
public sealed record RetentionCondition(int Day, double AtLeast, int MinimumSample) : GateCondition;

/// <summary>A number that monitoring posts, over the last <c>Hours</c> hours. Exactly one bound is set. What is older counts as missing.</summary>
public sealed record SignalCondition(string Name, SignalUse Use, double Hours, double? AtMost = null, double? AtLeast = null) : GateCondition
{
    public override bool Stops => true;
}

/// <summary>Of the invitations that were mailed, the share (0 to 1) that came back.</summary>
public sealed record BounceCondition(double AtMost, int MinimumSample) : GateCondition
{
    public override bool Stops => true;
}

/// <summary>Of the invitations that were mailed, the share (0 to 1) whose people complained.</summary>
public sealed record ComplaintCondition(double AtMost, int MinimumSample) : GateCondition
{
    public override bool Stops => true;
}

/// <summary>Seats that are free. Without a capacity there are always enough.</summary>
public sealed record CapacityCondition(int AtLeast) : GateCondition;

/// <summary>Which of a signal's values in its window counts.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignalUse>))]
public enum SignalUse
{
    Latest,
    Mean,
    Max,
}

/// <summary>What a condition was measured at. <c>Value</c> is null while there is nothing to measure.</summary>
/// <param name="Sample">How many people, mails or values it rests on.</param>
public sealed record Measured(double? Value, long Sample);
