using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace InviteAdmin.Outbox;

/// <summary>Looks a template over before it is published: what cannot be made into a mail stops it, what would look wrong in somebody's inbox is said.</summary>
public static partial class TemplateCheck
{
    /// <summary>Past it Gmail cuts a mail off.</summary>
    public const int MostHtmlBytes = 102 * 1024;

    // Of these no end tag is asked for.
    private static readonly HashSet<string> Void = new(StringComparer.OrdinalIgnoreCase)
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p", "li", "td", "tr", "th", "tbody", "thead", "html", "body", "head", "!doctype",
    };

    /// <summary>Everything found, what stops publishing first.</summary>
    public static IReadOnlyList<TemplateProblem> Of(TemplateKind kind, TemplateSource source)
    {
        var compiled = CompiledTemplate.Of(0, source);
        (string Name, TemplateText Text, string Source)[] parts = [("subject", compiled.Subject, source.Subject), ("html", compiled.Html, source.Html), ("text", compiled.Text, source.Text)];
        var found = parts.SelectMany(p => p.Text.Problems).ToList();
        if (string.IsNullOrWhiteSpace(source.Subject))
        {
            found.Add(new("subject", 1, "A mail needs a subject.", true));
        }

        if (source.Subject.AsSpan().Trim().ContainsAny('\r', '\n'))
        {
            found.Add(new("subject", 1, "A subject is one line.", true));
        }

        foreach (var (name, text, _) in parts)
        {
            found.AddRange(Variables(kind, name, text));
        }

        foreach (var needed in kind.Variables.Where(v => v.Needed))
        {
            foreach (var (name, text, _) in parts.Where(p => p.Name != "subject" && p.Text.Variables.All(v => v.Name != needed.Name)))
            {
                // A number that stands in the subject need not be said again.
                if (compiled.Subject.Variables.All(v => v.Name != needed.Name))
                {
                    found.Add(new(name, 1, $"{{{{{needed.Name}}}}} is missing: {needed.What.ToLowerInvariant()}. Without it the mail misses its point.", false));
                }
            }
        }

        found.AddRange(Markup(source.Html));
        if (Encoding.UTF8.GetByteCount(source.Html) is > MostHtmlBytes and var bytes)
        {
            found.Add(new("html", 1, string.Create(CultureInfo.InvariantCulture, $"The HTML has {bytes / 1024:N0} KB. Gmail cuts a mail off at 102 KB."), false));
        }

        return [.. found.OrderByDescending(p => p.Stops)];
    }

    private static IEnumerable<TemplateProblem> Variables(TemplateKind kind, string part, TemplateText text)
    {
        foreach (var (name, line, guarded) in text.Variables.DistinctBy(v => (v.Name, v.Guarded)))
        {
            if (kind.Variables.FirstOrDefault(v => v.Name == name) is not { } known)
            {
                yield return new(part, line, $"{{{{{name}}}}} is not a variable of this mail and stays empty.", false);
            }
            else if (known.MayMiss && !guarded)
            {
                yield return new(part, line, $"{{{{{name}}}}} is not there for everybody. Give it a fallback, like {{{{{name}|there}}}}.", false);
            }
        }
    }

    private static IEnumerable<TemplateProblem> Markup(string html)
    {
        if (Runs().Match(html) is { Success: true } script)
        {
            yield return new("html", Line(html, script.Index), "A mail cannot run scripts, and a mail with one is taken for an attack.", true);
        }

        foreach (Match link in Link().Matches(html))
        {
            var target = link.Groups[2].Success ? link.Groups[2].Value : link.Groups[1].Value;
            if (Broken(target.Trim()) is { } why)
            {
                yield return new("html", Line(html, link.Index), $"A link leads nowhere: {why}", false);
            }
        }

        var open = new Stack<(string Name, int At)>();
        foreach (Match tag in Tag().Matches(Comment().Replace(html, m => new string(' ', m.Length))))
        {
            var name = tag.Groups[2].Value.ToLowerInvariant();
            if (Void.Contains(name) || tag.Value.EndsWith("/>", StringComparison.Ordinal))
            {
                continue;
            }

            if (tag.Groups[1].Length == 0)
            {
                open.Push((name, tag.Index));
            }
            else if (open.Any(o => o.Name == name))
            {
                while (open.Pop() is var (inner, at) && inner != name)
                {
                    yield return new("html", Line(html, at), $"<{inner}> is never closed.", false);
                }
            }
            else
            {
                yield return new("html", Line(html, tag.Index), $"</{name}> closes what is not open.", false);
            }
        }

        foreach (var (name, at) in open.Reverse())
        {
            yield return new("html", Line(html, at), $"<{name}> is never closed.", false);
        }
    }

    private static string? Broken(string target) => target switch
    {
        "" or "#" => "its address is empty.",
        _ when Variable().Match(target) is { Success: true } variable => variable.Groups[1].Value.EndsWith("Url", StringComparison.Ordinal) ? null : $"{{{{{variable.Groups[1].Value}}}}} is not an address.",
        _ when target.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || target.StartsWith("tel:", StringComparison.OrdinalIgnoreCase) => null,
        _ when Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Contains('.', StringComparison.Ordinal) => null,
        _ => "an address in a mail begins with https://.",
    };

    private static int Line(string text, int at) => 1 + text.AsSpan(0, at).Count('\n');

    [GeneratedRegex("<script|<iframe|<object|<embed|<form|\\son[a-z]+\\s*=|javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex Runs();

    [GeneratedRegex("<a\\b[^>]*?\\bhref\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)')", RegexOptions.IgnoreCase)]
    private static partial Regex Link();

    [GeneratedRegex("<(/?)([a-zA-Z][a-zA-Z0-9]*)\\b[^<>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex("^\\{\\{#?([A-Za-z0-9]+)")]
    private static partial Regex Variable();
}
