using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using InviteAdmin.Access;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Outbox;

/// <summary>A mail as it will be read.</summary>
public sealed record RenderedMail(string Subject, string Html, string Text);

/// <summary>The product's mails: a line or two, one button, nothing that a mail client would strip. Names are escaped, so they can never become markup or a header.</summary>
public sealed class MailTemplates(Links links, IOptions<AppOptions> app)
{
    /// <summary>Every template, in the order the Emails page lists them.</summary>
    public static readonly IReadOnlyList<string> All = ["confirm", "welcome", "again", "invitation", "vip", "reminder", "lapsed", "registered", "referral_milestone", "rollout_held", "webhook_disabled"];

    public RenderedMail Render(OutboxItem item)
    {
        var data = JsonNode.Parse(item.Payload)!.AsObject();
        var name = OneLine((string?)data["name"] ?? "there");
        var product = app.Value.ProductName;
        var letter = item.Template switch
        {
            "confirm" => new Letter(
                $"Confirm your email for {product}", [$"Hi {name},", $"you asked for a place on the {product} waitlist. Confirm that this address is yours, and your place counts."],
                "Confirm my email", links.Confirm(Need(data, "confirmToken")), ["If this was not you, ignore this mail; nothing more will follow."]),
            "welcome" => new Letter(
                $"You are on the {product} waitlist", [$"Hi {name},", $"your place on the {product} waitlist is safe. Your page shows how many are ahead of you.",
                    $"Share your own link and move up with every friend who confirms: {links.Join(Need(data, "referralToken"))}"],
                "See my place", links.Status(Need(data, "statusToken")), ["The page is yours alone; share the link above, not the page."]),
            "again" => new Letter(
                $"Your place at {product}", [$"Hi {name},", $"you asked for a place on the {product} waitlist again. You have one already; your page shows how it stands."],
                "See my place", links.Status(Need(data, "statusToken")), ["If this was not you, ignore this mail; nothing has changed."]),
            "invitation" => new Letter(
                $"Your invitation to {product}", [$"Hi {name},", $"your turn has come: here is your invitation to {product}.", $"Your code: {Need(data, "code")}"],
                "Sign up", links.Signup(Need(data, "code")), ["The code works once. After that it is used up, and if it stays unused for too long your place goes to the next person."]),
            "vip" => new Letter(
                $"Your personal invitation to {product}", [$"Hi {name},", $"this is your personal invitation to {product}, with a code of your own{EndsOn(data, ". It")}.", $"Your code: {Need(data, "code")}"],
                "Sign up", links.Signup(Need(data, "code")), ["The code works once and is meant for you alone."]),
            "reminder" => new Letter(
                $"Your invitation to {product} ends soon", [$"Hi {name},", $"your invitation to {product} is still unused{EndsOn(data)}.", $"Your code: {Need(data, "code")}"],
                "Sign up", links.Signup(Need(data, "code")), ["If you no longer want it, do nothing: your place goes to the next person."]),
            "lapsed" => new Letter(
                $"Your invitation to {product} has run out", [$"Hi {name},", "nobody used your invitation in time, so it has ended. You are back on the waitlist at your old place and will be invited once more."],
                "See my place", links.Status(Need(data, "statusToken")), []),
            "registered" => new Letter(
                $"Welcome to {product}", [$"Hi {name},", $"you are in. Invite friends with your own codes; each works once:", .. Codes(data)], null, null, ["Whoever signs up with one of them counts for you."]),
            "referral_milestone" => new Letter(
                $"You brought {data["count"]} people to {product}", [$"Hi {name},", $"{data["count"]} people have joined {product} through you. Thank you. Here are {data["newInvites"]} more invitations, ready in your account."], null, null, []),
            "rollout_held" => new Letter(
                $"The {product} rollout is held", [$"Hi {name},", OneLine(Need(data, "reason")), "Invitations wait until that changes or somebody lets the rollout go on."], "Look at the rollout", links.Rollout, []),
            "webhook_disabled" => new Letter(
                $"A webhook of {product} was switched off", [$"Hi {name},", $"the webhook to {OneLine(Need(data, "host"))} was switched off. {OneLine(Need(data, "reason"))}",
                    "Nothing more is sent to it. Switch it on again when it is well, and replay what happened meanwhile."], "Look at the webhook", links.Webhook(Need(data, "webhook")), []),
            var unknown => throw new RefusedForGood($"There is no mail template {unknown}."),
        };
        return new RenderedMail(OneLine(letter.Subject), Html(letter), Text(letter));
    }

    /// <summary>The same for every try of an item, so that a reader's mail client drops a second copy.</summary>
    public string MessageId(OutboxItem item) => $"<outbox-{item.Id}.{item.CreatedAt.ToUnixTimeSeconds()}@{new Uri(app.Value.PublicUrl).Host}>";

    private static IEnumerable<string> Codes(JsonObject data) => data["codes"] is JsonArray codes ? codes.Select(c => (string)c!) : [];

    private static string EndsOn(JsonObject data, string joint = " and") =>
        DateTimeOffset.TryParse((string?)data["expiresAt"], CultureInfo.InvariantCulture, out var at) ? joint + at.ToString("' ends on 'd MMMM", CultureInfo.InvariantCulture) : "";

    private static string Need(JsonObject data, string key) => (string?)data[key] ?? throw new RefusedForGood($"The mail lacks its {key}.");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

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

        return text.AppendJoin("\n\n", letter.Small).ToString().TrimEnd() + "\n";
    }

    private static string Html(Letter letter)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=\"en\"><body style=\"margin:0;background:#f5f6f8\"><table role=\"presentation\" width=\"100%\"><tr><td align=\"center\" style=\"padding:24px 12px\">")
            .Append("<table role=\"presentation\" width=\"100%\" style=\"max-width:560px;background:#ffffff;border-radius:8px\"><tr><td style=\"padding:32px;font:16px/1.5 system-ui,sans-serif;color:#1c2230\">");
        foreach (var line in letter.Lines)
        {
            html.Append("<p style=\"margin:0 0 16px\">").Append(WebUtility.HtmlEncode(line)).Append("</p>");
        }

        if (letter.Url is not null)
        {
            html.Append("<p style=\"margin:24px 0\"><a href=\"").Append(WebUtility.HtmlEncode(letter.Url))
                .Append("\" style=\"display:inline-block;background:#1b5faf;color:#ffffff;text-decoration:none;padding:12px 20px;border-radius:6px\">")
                .Append(WebUtility.HtmlEncode(letter.Button)).Append("</a></p>");
        }

        foreach (var line in letter.Small)
        {
            html.Append("<p style=\"margin:0 0 8px;font-size:14px;color:#5b6474\">").Append(WebUtility.HtmlEncode(line)).Append("</p>");
        }

        return html.Append("</td></tr></table></td></tr></table></body></html>").ToString();
    }

    private sealed record Letter(string Subject, IReadOnlyList<string> Lines, string? Button, string? Url, IReadOnlyList<string> Small);
}
