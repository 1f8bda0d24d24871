using System.Globalization;
using System.Text;

namespace InviteAdmin.Outbox;

/// <summary>What a mail is made of. <c>Unsubscribe</c> is the one-click address, null for mails that cannot be unsubscribed from.</summary>
internal sealed record MimeParts(string From, string FromName, string To, RenderedMail Mail, string MessageId, DateTimeOffset Date, string? Unsubscribe, string UnsubscribeMailto);

/// <summary>
/// A mail as it goes over the wire: RFC 5322 headers, words beyond ASCII encoded by RFC 2047, text and HTML as quoted-printable alternatives (RFC 2046),
/// and the one-click headers of RFC 8058. No value can end its header: line breaks and controls become spaces.
/// </summary>
internal static class MimeMessage
{
    private const string Boundary = "=_part.of.this.mail.6b2f81c4";
    private const int LineLength = 76;

    public static byte[] Bytes(MimeParts of)
    {
        var text = new StringBuilder(of.Mail.Html.Length + of.Mail.Text.Length + 1_024);
        text.Append("From: ").Append(of.FromName.Length == 0 ? of.From : $"{Phrase(of.FromName)} <{of.From}>").Append("\r\n");
        text.Append("To: ").Append(of.To).Append("\r\n");
        text.Append("Subject: ").Append(Words(of.Mail.Subject)).Append("\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: {of.Date.ToUniversalTime():ddd, dd MMM yyyy HH:mm:ss} +0000\r\n");
        text.Append("Message-ID: ").Append(Clean(of.MessageId)).Append("\r\n");
        if (of.Unsubscribe is { } link)
        {
            text.Append("List-Unsubscribe: <").Append(link).Append('>');
            if (of.UnsubscribeMailto.Length > 0)
            {
                text.Append(",\r\n <mailto:").Append(of.UnsubscribeMailto).Append("?subject=unsubscribe>");
            }

            text.Append("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
        }

        text.Append("MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"").Append(Boundary).Append("\"\r\n\r\n");
        Part(text, "text/plain", of.Mail.Text);
        Part(text, "text/html", of.Mail.Html);
        text.Append("--").Append(Boundary).Append("--\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Part(StringBuilder text, string type, string body)
    {
        text.Append("--").Append(Boundary).Append("\r\nContent-Type: ").Append(type).Append("; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
        foreach (var line in body.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            Quoted(text, line);
            text.Append("\r\n");
        }
    }

    // RFC 2045 section 6.7: what is not printable ASCII is =XX, space and tab too at the end of a line, and no line has more than 76 characters.
    private static void Quoted(StringBuilder text, string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        var column = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var b = bytes[i];
            var plain = b is >= 33 and <= 126 and not (byte)'=' || (b is (byte)' ' or (byte)'\t' && i < bytes.Length - 1);
            if (column + (plain ? 1 : 3) > LineLength - 1)
            {
                text.Append("=\r\n");
                column = 0;
            }

            column += plain ? 1 : 3;
            if (plain)
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('=').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
    }

    private static string Phrase(string name)
    {
        var clean = Clean(name);
        return Ascii.IsValid(clean) && clean.Length <= LineLength - 12 ? $"\"{clean.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : Encoded(clean);
    }

    private static string Words(string value)
    {
        var clean = Clean(value);
        return Ascii.IsValid(clean) && clean.Length <= LineLength - 12 && !clean.Contains("=?", StringComparison.Ordinal) ? clean : Encoded(clean);
    }

    // Words of at most 75 characters, broken between whole characters, on lines of their own.
    private static string Encoded(string value)
    {
        var words = new List<string>();
        var word = new MemoryStream();
        foreach (var rune in value.EnumerateRunes())
        {
            var bytes = Encoding.UTF8.GetBytes(rune.ToString());
            if (word.Length + bytes.Length > 42)
            {
                words.Add(Convert.ToBase64String(word.ToArray()));
                word.SetLength(0);
            }

            word.Write(bytes);
        }

        words.Add(Convert.ToBase64String(word.ToArray()));
        return string.Join("\r\n ", words.Select(w => $"=?utf-8?B?{w}?="));
    }

    private static string Clean(string value) => string.Concat(value.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? ' ' : c)).Trim();
}
