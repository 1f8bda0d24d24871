using System.Globalization;
using InviteAdmin.Rollout;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>A plan while somebody types it: each field is the text that stands there, so that nothing typed is lost or changed.</summary>
public sealed class PlanDraft
{
    public required string Zone { get; set; }

    public required string SendAt { get; set; }

    public required HashSet<string> Days { get; init; }

    public required string Capacity { get; set; }

    public required string MailPerMinute { get; set; }

    public required List<StageDraft> Stages { get; init; }

    public static PlanDraft Of(PlanRequest plan) => new()
    {
        Zone = plan.Zone ?? "",
        SendAt = plan.SendAt ?? "",
        Days = [.. plan.Days ?? []],
        Capacity = Typed.Of(plan.Capacity),
        MailPerMinute = Typed.Of(plan.MailPerMinute),
        Stages = [.. (plan.Stages ?? []).Select(StageDraft.Of)],
    };

    public PlanRequest Request(int? version) =>
        new(Zone.Trim(), SendAt, [.. PlanFacts.Week.Where(Days.Contains)], Typed.Whole(Capacity), Typed.Whole(MailPerMinute), [.. Stages.Select(s => s.Request())], version);
}

/// <summary>A stage while somebody types it.</summary>
public sealed class StageDraft
{
    public required string Name { get; set; }

    public required string BatchSize { get; set; }

    /// <summary>What stands in the field for the number of batches, also while it does not count.</summary>
    public required string Batches { get; set; }

    public required bool UntilNobodyWaits { get; set; }

    public required string SoakDays { get; set; }

    public required bool NeedsApproval { get; set; }

    public required List<ConditionDraft> Gate { get; init; }

    public static StageDraft Of(StageRequest stage) => new()
    {
        Name = stage.Name ?? "",
        BatchSize = Typed.Of(stage.BatchSize),
        Batches = Typed.Of(stage.Batches ?? 5),
        UntilNobodyWaits = stage.Batches is null,
        SoakDays = Typed.Of(stage.SoakDays),
        NeedsApproval = stage.Approval == "manual",
        Gate = [.. (stage.Gate ?? []).Select(ConditionDraft.Of)],
    };

    // An empty number of batches must be refused, not read as “until nobody waits”.
    public StageRequest Request() =>
        new(Name, Typed.Whole(BatchSize) ?? 0, UntilNobodyWaits ? null : Typed.Whole(Batches) ?? 0, Typed.Whole(SoakDays) ?? -1, NeedsApproval ? "manual" : "auto", [.. Gate.Select(c => c.Request())]);
}

/// <summary>A condition while somebody types it: the fields of its metric count, the others wait in case the metric is changed back.</summary>
public sealed class ConditionDraft
{
    /// <summary>Metrics with the names people know them by, in the order in which they are offered.</summary>
    public static readonly IReadOnlyList<(string Metric, string Name)> Metrics =
    [
        ("conversion", "Registered"), ("retention", "Active on a day"), ("signal", "Number from monitoring"), ("bounces", "Mails that came back"), ("complaints", "Mails complained about"), ("capacity", "Free seats"),
    ];

    public required string Metric { get; set; }

    /// <summary>A percentage, for those metrics that are one.</summary>
    public string Percent { get; set; } = "35";

    public string Sample { get; set; } = "50";

    public string Days { get; set; } = "3";

    public string Name { get; set; } = "error_rate";

    public string Use { get; set; } = "max";

    public string Hours { get; set; } = "24";

    /// <summary>Whether the value of a signal may not be higher, rather than not lower.</summary>
    public bool IsMost { get; set; } = true;

    public string Value { get; set; } = "0.01";

    public string Seats { get; set; } = "100";

    public bool IsShare => Metric is "conversion" or "retention" or "bounces" or "complaints";

    public static ConditionDraft New() => new() { Metric = "conversion" };

    public static ConditionDraft Of(ConditionRequest condition)
    {
        var draft = new ConditionDraft { Metric = condition.Metric ?? "conversion" };
        draft.Sample = condition.MinimumSample is { } sample ? Typed.Of(sample) : draft.Sample;
        draft.Days = (condition.AfterDays ?? condition.Day) is { } days ? Typed.Of(days) : draft.Days;
        draft.Name = condition.Name ?? draft.Name;
        draft.Use = condition.Use ?? draft.Use;
        draft.Hours = condition.Hours is { } hours ? Typed.Of(hours) : draft.Hours;
        draft.IsMost = condition.AtMost is not null;
        if ((condition.AtLeast ?? condition.AtMost) is { } bound)
        {
            // A share is shown as people say it.
            (draft.Percent, draft.Value, draft.Seats) = draft.IsShare ? (Typed.Of(Math.Round(100 * bound, 6)), draft.Value, draft.Seats)
                : draft.Metric == "capacity" ? (draft.Percent, draft.Value, Typed.Of(bound)) : (draft.Percent, Typed.Of(bound), draft.Seats);
        }

        return draft;
    }

    /// <summary>Another metric, with what is usually asked of it.</summary>
    public void Choose(string metric) => (Metric, Percent) = (metric, metric switch { "bounces" => "5", "complaints" => "1", _ when Metric is "bounces" or "complaints" => "35", _ => Percent });

    public ConditionRequest Request() => Metric switch
    {
        "conversion" => new(Metric, AtLeast: Share, MinimumSample: Typed.Whole(Sample), AfterDays: Typed.Whole(Days)),
        "retention" => new(Metric, AtLeast: Share, MinimumSample: Typed.Whole(Sample), Day: Typed.Whole(Days)),
        "signal" => new(Metric, IsMost ? null : Typed.Real(Value), IsMost ? Typed.Real(Value) : null, Name: Name.Trim(), Use: Use, Hours: Typed.Real(Hours)),
        "capacity" => new(Metric, AtLeast: Typed.Whole(Seats)),
        _ => new(Metric, AtMost: Share, MinimumSample: Typed.Whole(Sample)),
    };

    private double? Share => Typed.Real(Percent) is { } percent ? Math.Round(percent / 100, 8) : null;
}

/// <summary>Numbers as they are typed.</summary>
internal static class Typed
{
    public static string Of(double? value) => value?.ToString("0.########", CultureInfo.InvariantCulture) ?? "";

    /// <summary>Null of nothing; a number that every check refuses of what is none.</summary>
    public static int? Whole(string text) => string.IsNullOrWhiteSpace(text) ? null : int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : int.MinValue;

    public static double? Real(string text) => string.IsNullOrWhiteSpace(text) ? null : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
