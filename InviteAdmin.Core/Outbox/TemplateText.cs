using System.Text;

namespace InviteAdmin.Outbox;

/// <summary>Something about a template that its author should know. <c>Stops</c>: it cannot be published so.</summary>
/// <param name="Part">subject, html or text.</param>
/// <param name="Line">Counted from 1.</param>
public sealed record TemplateProblem(string Part, int Line, string Sentence, bool Stops);

/// <summary>
/// The small language of mail templates: <c>{{name}}</c> is a value, <c>{{name|there}}</c> one with a fallback, and <c>{{#endsOn}} … {{/endsOn}}</c> stands only when the value is there.
/// Nothing else: no code, no includes, no unescaped values.
/// </summary>
public sealed class TemplateText
{
    private readonly List<Node> _nodes;

    private TemplateText(List<Node> nodes, IReadOnlyList<TemplateProblem> problems) => (_nodes, Problems) = (nodes, problems);

    /// <summary>What is wrong with it; a template with a problem is never rendered.</summary>
    public IReadOnlyList<TemplateProblem> Problems { get; }

    /// <summary>Every variable used, with the line and whether it has a fallback or stands in a section of its own.</summary>
    public IEnumerable<(string Name, int Line, bool Guarded)> Variables => Used(_nodes, []);

    public static TemplateText Parse(string part, string source)
    {
        var problems = new List<TemplateProblem>();
        var open = new Stack<(string Name, int Line, List<Node> Nodes)>();
        open.Push(("", 0, []));
        var at = 0;
        while (source.IndexOf("{{", at, StringComparison.Ordinal) is >= 0 and var begin)
        {
            open.Peek().Nodes.Add(new Node(source[at..begin], null, null, null, 0));
            var line = 1 + source.AsSpan(0, begin).Count('\n');
            var end = source.IndexOf("}}", begin, StringComparison.Ordinal);
            var next = source.IndexOf("{{", begin + 2, StringComparison.Ordinal);
            if (end < 0 || (next >= 0 && next < end))
            {
                problems.Add(new(part, line, "A {{ is not closed: }} is missing.", true));
                at = begin + 2;
                continue;
            }

            Take(source[(begin + 2)..end].Trim(), line);
            at = end + 2;
        }

        open.Peek().Nodes.Add(new Node(source[at..], null, null, null, 0));
        while (open.Count > 1)
        {
            var left = open.Pop();
            problems.Add(new(part, left.Line, $"{{{{#{left.Name}}}}} is never closed: {{{{/{left.Name}}}}} is missing.", true));
        }

        return new(open.Pop().Nodes, problems);

        void Take(string tag, int line)
        {
            var (name, fallback) = tag.Split('|', 2) is [var n, var f] ? (n.Trim(), f.Trim()) : (tag, null);
            if (tag.StartsWith('#') && IsName(tag[1..]))
            {
                open.Push((tag[1..], line, []));
            }
            else if (tag.StartsWith('/') && open.Count > 1 && open.Peek().Name == tag[1..])
            {
                var closed = open.Pop();
                open.Peek().Nodes.Add(new Node(null, null, null, closed, closed.Line));
            }
            else if (tag.StartsWith('/'))
            {
                problems.Add(new(part, line, $"{{{{{tag}}}}} closes what is not open.", true));
            }
            else if (IsName(name))
            {
                open.Peek().Nodes.Add(new Node(null, name, fallback, null, line));
            }
            else
            {
                problems.Add(new(part, line, $"“{{{{{tag}}}}}” is not a variable. Write {{{{name}}}}, {{{{name|there}}}} or {{{{#name}}}} … {{{{/name}}}}.", true));
            }
        }
    }

    /// <param name="escape">Makes a value harmless where it stands.</param>
    public string Render(IReadOnlyDictionary<string, string> values, Func<string, string> escape)
    {
        var text = new StringBuilder();
        Write(text, _nodes, values, escape);
        return text.ToString();
    }

    private static void Write(StringBuilder text, List<Node> nodes, IReadOnlyDictionary<string, string> values, Func<string, string> escape)
    {
        foreach (var node in nodes)
        {
            if (node.Section is { } section)
            {
                if (values.TryGetValue(section.Name, out var there) && there.Length > 0)
                {
                    Write(text, section.Nodes, values, escape);
                }
            }
            else if (node.Name is { } name)
            {
                text.Append(escape(values.TryGetValue(name, out var value) && value.Length > 0 ? value : node.Fallback ?? ""));
            }
            else
            {
                text.Append(node.Text);
            }
        }
    }

    private static IEnumerable<(string Name, int Line, bool Guarded)> Used(List<Node> nodes, HashSet<string> within) => nodes.SelectMany(n => n switch
    {
        { Section: { } section } => Used(section.Nodes, [.. within, section.Name]).Prepend((section.Name, n.Line, true)),
        { Name: { } name } => [(name, n.Line, n.Fallback is not null || within.Contains(name))],
        _ => Enumerable.Empty<(string Name, int Line, bool Guarded)>(),
    });

    private static bool IsName(string text) => text.Length is > 0 and <= 40 && char.IsAsciiLetter(text[0]) && text.All(char.IsAsciiLetterOrDigit);

    private sealed record Node(string? Text, string? Name, string? Fallback, (string Name, int Line, List<Node> Nodes)? Section, int Line);
}
