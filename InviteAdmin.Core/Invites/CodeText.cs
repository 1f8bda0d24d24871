using InviteAdmin.Access;

namespace InviteAdmin.Invites;

/// <summary>
/// How a code is written. Twelve Crockford base32 symbols (60 random bits) shown as XXXX-XXXX-XXXX, after a prefix for
/// campaigns. Matching folds case, spaces, dashes, O to 0, and I and L to 1 (crockford.com/base32.html).
/// </summary>
public static class CodeText
{
    public const int Symbols = 12;

    /// <summary>Longest text anyone may send as a code.</summary>
    public const int MostCharacters = 64;

    /// <summary>The canonical form of what a person typed; empty when it cannot be a code.</summary>
    public static string Canonical(string? typed)
    {
        if (typed is null || typed.Length > MostCharacters)
        {
            return "";
        }

        Span<char> canonical = stackalloc char[MostCharacters];
        var length = 0;
        foreach (var c in typed)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                canonical[length++] = char.ToUpperInvariant(c) switch { 'O' => '0', 'I' or 'L' => '1', var upper => upper };
            }
            else if (c is not ('-' or ' ' or '_' or '\u2010' or '\u2011' or '\u2013' or '\u2014'))
            {
                return "";
            }
        }

        return new string(canonical[..length]);
    }

    public static string New() => Tokens.Random(Symbols);

    public static string[] New(int count)
    {
        var codes = new string[count];
        for (var i = 0; i < count; i++)
        {
            codes[i] = New();
        }

        return codes;
    }

    /// <summary>Twelve symbols in groups of four.</summary>
    public static string Show(string symbols) => $"{symbols[..4]}-{symbols[4..8]}-{symbols[8..]}";
}
