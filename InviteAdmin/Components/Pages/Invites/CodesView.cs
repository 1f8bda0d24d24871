using InviteAdmin.Invites;
using InviteAdmin.People;

namespace InviteAdmin.Components.Pages.Invites;

/// <summary>The table of codes as its address describes it.</summary>
public sealed record CodesView
{
    public CodeKind? Kind { get; init; }

    public CodeState? State { get; init; }

    /// <summary>A campaign's slug.</summary>
    public string? Campaign { get; init; }

    /// <summary>What was searched for.</summary>
    public string? Q { get; init; }

    public CodeSort Sort { get; init; }

    public int Page { get; init; } = 1;

    public CodeFilter Filter => new(Kind, State, Clean(Campaign), Clean(Q));

    /// <summary>The order that is shown: what was asked for, where it can be had.</summary>
    public CodeSort Order => Filter.Allowed(Sort);

    public bool IsFiltered => Filter != new CodeFilter();

    private static string? Clean(string? text) => string.IsNullOrWhiteSpace(text) || !PlainText.IsClean(text) ? null : text.Trim();
}

/// <summary>One code as its address describes it.</summary>
public sealed record CodeView
{
    /// <summary>Of the people who used it.</summary>
    public int Page { get; init; } = 1;
}
