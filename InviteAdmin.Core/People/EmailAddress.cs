using System.Globalization;
using System.Text;

namespace InviteAdmin.People;

/// <summary>
/// An email address in two forms: <see cref="Address"/>, to which mail goes (NFKC, lower case, IDN as punycode), and
/// <see cref="Canonical"/>, which finds duplicates (plus tags dropped, and dots too where the provider ignores them).
/// Lengths follow RFC 5321 section 4.5.3.1: 64 octets before the @, 254 in all.
/// </summary>
public readonly record struct EmailAddress(string Address, string Canonical)
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    public static bool TryParse(string? value, out EmailAddress email, out string why)
    {
        email = default;
        why = "Email is not a complete address, like ann@example.com.";
        var text = value?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            why = "Email is needed.";
            return false;
        }

        if (text.Length > 320)
        {
            why = "Email may have at most 254 characters.";
            return false;
        }

        if (!PlainText.IsClean(text))
        {
            return false;
        }

        text = text.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        var at = text.LastIndexOf('@');
        if (at < 1 || at == text.Length - 1)
        {
            return false;
        }

        var local = text[..at];
        if (!IsLocalPart(local) || !TryDomain(text[(at + 1)..], out var domain))
        {
            return false;
        }

        var address = $"{local}@{domain}";
        if (Encoding.UTF8.GetByteCount(local) > 64 || Encoding.UTF8.GetByteCount(address) > 254)
        {
            why = "Email may have at most 254 characters.";
            return false;
        }

        email = new EmailAddress(address, Canonicalise(local, domain));
        return true;
    }

    public override string ToString() => Address;

    // Unquoted local parts of RFC 5321 and, beyond ASCII, letters and digits of RFC 6531.
    private static bool IsLocalPart(string local) =>
        !local.StartsWith('.') && !local.EndsWith('.') && !local.Contains("..", StringComparison.Ordinal)
        && local.EnumerateRunes().All(r => Rune.IsLetterOrDigit(r) || Rune.GetUnicodeCategory(r) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            || (r.IsAscii && ".!#$%&'*+-/=?^_`{|}~".Contains((char)r.Value, StringComparison.Ordinal)));

    private static bool TryDomain(string text, out string domain)
    {
        domain = "";
        try
        {
            domain = Idn.GetAscii(text.TrimEnd('.')).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return false;
        }

        var dot = domain.LastIndexOf('.');
        return dot > 0 && domain.Length - dot > 2 && domain.Length <= 253 && !domain[(dot + 1)..].All(char.IsAsciiDigit);
    }

    // Gmail ignores dots and plus tags (support.google.com/mail/answer/7436150); the others named here take plus tags.
    private static string Canonicalise(string local, string domain)
    {
        var plus = local.IndexOf('+', StringComparison.Ordinal);
        return domain switch
        {
            "gmail.com" or "googlemail.com" => $"{(plus > 0 ? local[..plus] : local).Replace(".", "", StringComparison.Ordinal)}@gmail.com",
            "outlook.com" or "hotmail.com" or "live.com" or "icloud.com" or "me.com" or "fastmail.com" or "proton.me" or "protonmail.com" or "pm.me"
                when plus > 0 => $"{local[..plus]}@{domain}",
            _ => $"{local}@{domain}",
        };
    }
}
