using InviteAdmin.People;

namespace InviteAdmin.Components.Layout;

/// <summary>A page of the dashboard, as the navigation, the shortcuts and the palette know it.</summary>
/// <param name="Key">The letter after g.</param>
public sealed record PageLink(string Href, string Icon, string Text, string Key);

/// <summary>One line of the command palette: a page, something to do, a person or a code. It has exactly one of a link, a control to press and work to run.</summary>
public sealed record PaletteLine(string Id, string Icon, string Text)
{
    public string? Href { get; init; }

    /// <summary>The link is a file.</summary>
    public bool Download { get; init; }

    /// <summary>A control of the page that does the same, as a CSS selector.</summary>
    public string? Press { get; init; }

    public Func<Task>? Run { get; init; }

    /// <summary>What else is worth knowing: an email, a shortcut.</summary>
    public string? Detail { get; init; }

    /// <summary>Why whoever is signed in may not.</summary>
    public string? Refusal { get; init; }

    /// <summary>Further words to find it by.</summary>
    public string Words { get; init; } = "";

    /// <summary>The state of a person or code.</summary>
    public string? State { get; init; }

    /// <summary>The line of a person or code that was found.</summary>
    public static PaletteLine Of(Found found) => new($"{found.Kind}-{found.Key}", found.Kind == "code" ? "confirmation_number" : "person", found.Title)
    {
        Href = found.Kind == "code" ? $"/admin/codes/{Uri.EscapeDataString(found.Key)}" : $"/admin/people/{found.Key}",
        Detail = found.Detail,
        State = found.State,
    };

    /// <summary>Whether every word that was typed begins a word of the line.</summary>
    public bool Fits(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .All(word => $" {Text} {Words}".Contains($" {word}", StringComparison.OrdinalIgnoreCase));
}
