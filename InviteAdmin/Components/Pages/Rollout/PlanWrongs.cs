using System.Globalization;
using InviteAdmin.Results;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>What is wrong with a plan while it is typed: one sentence a field, in the words of the form.</summary>
/// <param name="Refusal">As the use case says it, where a share is a number from 0 to 1; null when nothing is wrong.</param>
public sealed record PlanWrongs(Invalid? Refusal, PlanDraft Draft)
{
    public string? this[string field] => Refusal?.Fields.TryGetValue(field, out var sentence) == true && !Follows(field, sentence) ? Sentence(field, sentence) : null;

    /// <summary>Each with the id of its field, and where that stands.</summary>
    public IReadOnlyList<(string Id, string Sentence)> All =>
        [.. (Refusal?.Fields ?? new Dictionary<string, string>()).Where(f => !Follows(f.Key, f.Value)).Select(f => (Id(f.Key), $"{Place(f.Key)}{Sentence(f.Key, f.Value)}"))];

    /// <summary><c>stages[0].gate[1].atLeast</c> is the field <c>s0-g1-bound</c>.</summary>
    public static string Id(string field)
    {
        var id = field.Replace("stages[", "s", StringComparison.Ordinal).Replace("gate[", "g", StringComparison.Ordinal).Replace("].", "-", StringComparison.Ordinal);
        return id.EndsWith("-atLeast", StringComparison.Ordinal) || id.EndsWith("-atMost", StringComparison.Ordinal) ? $"{id[..id.LastIndexOf('-')]}-bound"
            : id.EndsWith("-afterDays", StringComparison.Ordinal) || id.EndsWith("-day", StringComparison.Ordinal) ? $"{id[..id.LastIndexOf('-')]}-days" : id;
    }

    private string Sentence(string field, string sentence)
    {
        if (Condition(field) is not { } condition)
        {
            // As the form calls them; which stage it is stands above the field.
            return Numbers(field) is [var stage, ..]
                ? sentence.Replace($" of stage {stage + 1}", "", StringComparison.Ordinal).Replace("The number of batches", "Batches", StringComparison.Ordinal).Replace("Batch size", "People a day", StringComparison.Ordinal).Replace("Soak days", "The wait", StringComparison.Ordinal)
                : sentence;
        }

        return field[(field.LastIndexOf('.') + 1)..] switch
        {
            "atLeast" or "atMost" => condition.IsShare ? "A percentage from 0 to 100." : condition.Metric == "capacity" ? "A number of seats, 1 or more." : "A number, such as 0.01.",
            "hours" => "A number of hours from 0.05 to 720.",
            _ => sentence,
        };
    }

    // A sample that is too large for a stage whose size is wrong is no second mistake.
    private bool Follows(string field, string sentence) => sentence.Contains("can never pass", StringComparison.Ordinal) && Numbers(field) is [var stage, ..]
        && (Refusal!.Fields.ContainsKey($"stages[{stage}].batchSize") || Refusal.Fields.ContainsKey($"stages[{stage}].batches"));

    private static string Place(string field) => Numbers(field) switch { [var stage, var condition] => $"Stage {stage + 1}, condition {condition + 1}: ", [var stage] => $"Stage {stage + 1}: ", _ => "" };

    private ConditionDraft? Condition(string field) => Numbers(field) is [var stage, var condition] ? Draft.Stages.ElementAtOrDefault(stage)?.Gate.ElementAtOrDefault(condition) : null;

    // Of stages[0].gate[1].atLeast: 0 and 1.
    private static int[] Numbers(string field) => [.. field.Split('[', ']').Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).Where(n => n >= 0)];
}
