using System.Text.RegularExpressions;
using InviteAdmin.Access;

namespace InviteAdmin.Components.Pages.Developers;

/// <summary>The parts of the Developers page.</summary>
public enum DevelopersTab
{
    Start,
    Keys,
    Requests,
}

/// <summary>The Developers page as its address describes it.</summary>
public sealed partial record DevelopersView
{
    public DevelopersTab Tab { get; init; }

    /// <summary>The language of the snippet.</summary>
    public SnippetLanguage In { get; init; }

    /// <summary>What the snippet does.</summary>
    public SnippetTask Do { get; init; }

    /// <summary>Method and route, as in POST /api/v1/waitlist.</summary>
    public string? Call { get; init; }

    /// <summary>A status such as 422, or the first digit of a class of them.</summary>
    public int? Status { get; init; }

    /// <summary>A key's id, or none.</summary>
    public string? Key { get; init; }

    /// <summary>A request id or an idempotency key.</summary>
    public string? Id { get; init; }

    /// <summary>The last row of the page before.</summary>
    public long? Before { get; init; }

    public bool IsFiltered => Call is not null || Status is not null || Key is not null || Id is not null;

    /// <summary>What makes no sense is left out.</summary>
    public RequestFilter Filter()
    {
        var call = Call is not null && CallText().IsMatch(Call) ? Call.Split(' ') : null;
        return new(call?[0], call?[1], Status is 2 or 3 or 4 or 5 or (>= 200 and < 600) ? Status : null, Key is not null && KeyText().IsMatch(Key) ? Key : null, Id?.Trim() is { Length: > 0 and <= 255 } id ? id : null);
    }

    [GeneratedRegex("^(GET|POST|PUT|DELETE) /[a-zA-Z0-9/{}.*_-]{1,100}$", RegexOptions.CultureInvariant)]
    private static partial Regex CallText();

    [GeneratedRegex("^[A-Za-z0-9_]{1,60}$", RegexOptions.CultureInvariant)]
    private static partial Regex KeyText();
}
