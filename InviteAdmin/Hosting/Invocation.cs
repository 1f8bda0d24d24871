namespace InviteAdmin.Hosting;

/// <summary>What the command line asks for: a verb with its operands and named values; no verb means serving.</summary>
/// <param name="Verb">One of <see cref="Verbs.All"/>.</param>
/// <param name="Operands">The plain words after the verb.</param>
/// <param name="Values">What follows <c>--name</c>, by name; an empty string where nothing follows.</param>
public sealed record Invocation(string Verb, IReadOnlyList<string> Operands, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>Settings (<c>--Mail:Channel=smtp</c>) may stand anywhere; they are the configuration's and skipped here.</summary>
    public static Invocation Parse(string[] args)
    {
        var words = new List<string>();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal)) words.Add(args[i]);
            else if (args[i].Contains('=')) continue;
            else if (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal)) values[args[i][2..]] = args[++i];
            else values[args[i][2..]] = "";
        }

        if (values.ContainsKey("help")) return new("help", [], values);
        if (words.Count == 0) return new("serve", [], values);
        var verb = Verbs.All.FirstOrDefault(v => words.Take(v.Split(' ').Length).SequenceEqual(v.Split(' ')))
            ?? throw new StartFailure($"There is no verb “{string.Join(' ', words)}”: use one of {string.Join(", ", Verbs.All)}.");
        return new(verb, words[verb.Split(' ').Length..], values);
    }

    public string Operand(int index, string name) => index < Operands.Count
        ? Operands[index]
        : throw new StartFailure($"`{Verb}` needs {name}: InviteAdmin {Verb} {name}.");

    public string Value(string name) => Values.GetValueOrDefault(name) is { Length: > 0 } value
        ? value
        : throw new StartFailure($"`{Verb}` needs --{name}: InviteAdmin {Verb} --{name} VALUE.");

    public bool Has(string flag) => Values.ContainsKey(flag);
}
