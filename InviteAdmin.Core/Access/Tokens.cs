using System.Security.Cryptography;

namespace InviteAdmin.Access;

/// <summary>
/// Random names: link tokens and public ids. Each begins with six symbols of time, so that a new one lands beside the
/// last in its index, and goes on with bits from the cryptographic generator (130 in a token, 50 in an id).
/// </summary>
public static class Tokens
{
    /// <summary>Crockford base32: no I, L, O or U (crockford.com/base32.html).</summary>
    public const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private const string LowerAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>32 symbols, 130 random bits.</summary>
    public static string NewLink(TimeProvider time) => TimePrefix(time) + Random(26, LowerAlphabet);

    /// <summary>An opaque public id such as <c>wl_…</c>.</summary>
    public static string NewId(string prefix, TimeProvider time) => $"{prefix}_{TimePrefix(time)}{Random(10, LowerAlphabet)}";

    public static string Random(int symbols, string alphabet = Alphabet) => RandomNumberGenerator.GetString(alphabet, symbols);

    private static string TimePrefix(TimeProvider time) =>
        string.Create(6, time.GetUtcNow().ToUnixTimeSeconds(), static (span, seconds) =>
        {
            for (var i = span.Length - 1; i >= 0; i--, seconds >>= 5)
            {
                span[i] = LowerAlphabet[(int)(seconds & 31)];
            }
        });
}
