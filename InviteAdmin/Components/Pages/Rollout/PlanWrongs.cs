using InviteAdmin.Results;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>What is wrong with a plan while it is typed: one sentence a field, in the words of the form.</summary>
/// <param name="Refusal">As the use case says it, where a share is a number from 0 to 1; null when nothing is wrong.</param>
public sealed record PlanWrongs(Invalid? Refusal, PlanDraft Draft)
{
    public string? this[string field] => Refusal?.Fields.TryGetValue(field, out var sentence) == true ? Sentence(field, sentence) : null;

    /// <summary>Each with the id of its field.</summary>
    public IEnumerable<(string Id, string Sentence)> All => (Refusal?.Fields ?? new Dictionary<string, string>()).Select(f => (Id(f.Key), Sentence(f.Key, f.Value)));

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
            return sentence;
        }

        return field[(field.LastIndexOf('.') + 1)..] switch
        {
            "atLeast" or "atMost" => condition.IsShare ? "A percentage from 0 to 100." : condition.Metric == "capacity" ? "A number of seats, 1 or more." : "A number, such as 0.01.",
            "hours" => "A number of hours from 0.05 to 720.",
            _ => sentence,
        };
    }

    // stages[0].gate[1].…
    private ConditionDraft? Condition(string field)
    {
        var numbers = field.Split('[', ']');
        return numbers.Length >= 5 && numbers[2] == ".gate" && int.TryParse(numbers[1], out var stage) && int.TryParse(numbers[3], out var condition)
            ? Draft.Stages.ElementAtOrDefault(stage)?.Gate.ElementAtOrDefault(condition) : null;
    }
}
