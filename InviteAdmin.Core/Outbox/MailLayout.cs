using System.Net;
using System.Text;

namespace InviteAdmin.Outbox;

/// <summary>A mail of the product in its parts, with variables where values stand.</summary>
/// <param name="Preheader">What a mail program shows beside the subject.</param>
/// <param name="Url">A variable, such as <c>{{confirmUrl}}</c>; null without a button.</param>
internal sealed record Letter(string Subject, string Preheader, IReadOnlyList<string> Lines, string? Button, string? Url, IReadOnlyList<string> Small, bool Unsubscribe = true);

/// <summary>
/// How the shipped mails look: nested tables and inline styles, which every mail program understands, 560 px that shrink on a phone, a button that is a padded
/// link in a coloured cell, and colours for dark mode where the program asks for them.
/// </summary>
internal static class MailLayout
{
    private const string Gap = "\u200c\u00a0";

    public static TemplateSource Of(Letter letter) => new(letter.Subject, Html(letter), Text(letter));

    private static string Text(Letter letter)
    {
        var text = new StringBuilder();
        foreach (var line in letter.Lines)
        {
            text.Append(line).Append("\n\n");
        }

        if (letter.Url is not null)
        {
            text.Append(letter.Button).Append(": ").Append(letter.Url).Append("\n\n");
        }

        text.AppendJoin("\n\n", letter.Small);
        var body = text.ToString().TrimEnd() + "\n";
        return letter.Unsubscribe ? body + "{{#unsubscribeUrl}}\n--\nNo more mail from us: {{unsubscribeUrl}}\n{{/unsubscribeUrl}}" : body;
    }

    private static string Html(Letter letter)
    {
        var html = new StringBuilder(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="supported-color-schemes" content="light dark">
            <style>
            @media (prefers-color-scheme: dark) {
              .page { background: #12161d !important; }
              .card { background: #1c2230 !important; }
              .line { color: #e8ebf1 !important; }
              .small { color: #a9b2c3 !important; }
            }
            </style>
            </head>
            <body class="page" style="margin:0;padding:0;background:#f5f6f8">

            """);
        html.Append("<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">").Append(Safe(letter.Preheader)).Append(string.Concat(Enumerable.Repeat(Gap, 60))).Append("</div>\n");
        html.Append("<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"background:#f5f6f8\">\n<tr><td align=\"center\" style=\"padding:24px 12px\">\n")
            .Append("<table role=\"presentation\" class=\"card\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"max-width:560px;background:#ffffff;border-radius:8px\">\n<tr><td style=\"padding:32px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:24px\">\n");
        foreach (var line in letter.Lines)
        {
            html.Append("<p class=\"line\" style=\"margin:0 0 16px;color:#1c2230\">").Append(Linked(line)).Append("</p>\n");
        }

        if (letter.Url is not null)
        {
            html.Append("<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"margin:8px 0 24px\"><tr><td bgcolor=\"#1b5faf\" style=\"border-radius:6px\"><a href=\"").Append(letter.Url)
                .Append("\" style=\"display:inline-block;padding:12px 20px;color:#ffffff;text-decoration:none;font-weight:600\">").Append(Safe(letter.Button!)).Append("</a></td></tr></table>\n");
        }

        foreach (var line in letter.Small)
        {
            html.Append("<p class=\"small\" style=\"margin:0 0 8px;font-size:14px;line-height:20px;color:#5b6474\">").Append(Safe(line)).Append("</p>\n");
        }

        if (letter.Unsubscribe)
        {
            html.Append("{{#unsubscribeUrl}}<p class=\"small\" style=\"margin:24px 0 0;font-size:13px;line-height:20px;color:#5b6474\"><a class=\"small\" href=\"{{unsubscribeUrl}}\" style=\"color:#5b6474\">No more mail from us</a></p>{{/unsubscribeUrl}}\n");
        }

        return html.Append("</td></tr>\n</table>\n</td></tr>\n</table>\n</body>\n</html>\n").ToString();
    }

    // Words of ours may hold an apostrophe; the braces of a variable stay as they are.
    private static string Safe(string text) => WebUtility.HtmlEncode(text);

    private static string Linked(string line) => Safe(line).Replace("{{shareUrl}}", "<a href=\"{{shareUrl}}\" style=\"color:#1b5faf\">{{shareUrl}}</a>", StringComparison.Ordinal)
        .Replace("{{codes}}", "<strong>{{codes}}</strong>", StringComparison.Ordinal).Replace("{{code}}", "<strong>{{code}}</strong>", StringComparison.Ordinal);
}
