using InviteAdmin.Invites;

namespace InviteAdmin.People;

/// <summary>What a text in the search box means: an email, a public id, perhaps a code, or else a name.</summary>
/// <param name="Emails">Canonical forms that would be the same mailbox: as typed, and without its tag and dots.</param>
/// <param name="Id">A public id as it stands.</param>
/// <param name="Code">A canonical code; what reads like one may still be a name.</param>
/// <param name="Text">The text itself, lower-case.</param>
public sealed record Sought(IReadOnlyList<string> Emails, string? Id, string? Code, string Text)
{
    /// <summary>Longest text anybody may search for.</summary>
    public const int MostCharacters = 320;

    /// <summary>Null when there is nothing to look for.</summary>
    public static Sought? Parse(string? typed)
    {
        var text = typed?.Trim() ?? "";
        if (text.Length is 0 or > MostCharacters || !PlainText.IsClean(text))
        {
            return null;
        }

        if (EmailAddress.TryParse(text, out var email, out _))
        {
            return new(Variants(email.Canonical), null, null, text.ToLowerInvariant());
        }

        if (text.StartsWith("wl_", StringComparison.Ordinal) || text.StartsWith("usr_", StringComparison.Ordinal))
        {
            return new([], text, null, text.ToLowerInvariant());
        }

        var code = CodeText.Canonical(text);
        return new([], null, code.Length >= 4 ? code : null, text.ToLowerInvariant());
    }

    // Where a provider is not known to ignore tags and dots they are kept as different people, but support wants to see them all.
    private static IReadOnlyList<string> Variants(string canonical)
    {
        var at = canonical.LastIndexOf('@');
        var (local, domain) = (canonical[..at], canonical[at..]);
        var plus = local.IndexOf('+', StringComparison.Ordinal);
        var bare = plus > 0 ? local[..plus] : local;
        var plain = bare.Replace(".", "", StringComparison.Ordinal);
        return [.. ((string[])[local, bare, plain]).Where(l => l.Length > 0).Distinct(StringComparer.Ordinal).Select(l => l + domain)];
    }
}
