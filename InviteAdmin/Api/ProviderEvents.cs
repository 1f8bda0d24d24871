using System.Globalization;
using System.Text.Json;
using InviteAdmin.Outbox;

namespace InviteAdmin.Api;

/// <summary>Turns what each provider posts into events of ours; what is none of a bounce, a complaint or an unsubscription is passed over.</summary>
internal static class ProviderEvents
{
    /// <summary>The message within an SNS notification: docs.aws.amazon.com/ses/latest/dg/notification-contents.html.</summary>
    public static IEnumerable<MailEvent> OfSes(JsonElement message)
    {
        var type = Text(message, "notificationType") ?? Text(message, "eventType");
        var messageId = MessageIdOf(message);
        if (type == "Bounce" && Inner(message, "bounce") is { } bounce)
        {
            var hard = Text(bounce, "bounceType") == "Permanent";
            return Each(bounce, "bouncedRecipients").Select(r => new MailEvent("ses", "bounce", Text(r, "emailAddress"), messageId, Time(Text(bounce, "timestamp")), hard, Text(r, "diagnosticCode"), Text(bounce, "feedbackId")));
        }

        return type == "Complaint" && Inner(message, "complaint") is { } complaint
            ? Each(complaint, "complainedRecipients").Select(r => new MailEvent("ses", "complaint", Text(r, "emailAddress"), messageId, Time(Text(complaint, "timestamp")), true, Text(complaint, "complaintFeedbackType"), Text(complaint, "feedbackId")))
            : [];
    }

    /// <summary>postmarkapp.com/developer/webhooks: bounce, spam complaint and subscription change.</summary>
    public static IEnumerable<MailEvent> OfPostmark(JsonElement one)
    {
        var id = one.TryGetProperty("ID", out var number) && number.ValueKind == JsonValueKind.Number ? number.GetRawText() : null;
        switch (Text(one, "RecordType"))
        {
            case "Bounce":
                var kind = Text(one, "Type");
                var hard = kind is "HardBounce" or "BadEmailAddress" || (one.TryGetProperty("Inactive", out var inactive) && inactive.ValueKind == JsonValueKind.True && kind is not "SpamComplaint");
                return [new("postmark", kind == "SpamComplaint" ? "complaint" : "bounce", Text(one, "Email"), null, Time(Text(one, "BouncedAt")), hard, Text(one, "Description"), id)];
            case "SpamComplaint":
                return [new("postmark", "complaint", Text(one, "Email"), null, Time(Text(one, "BouncedAt")), true, Text(one, "Description"), id)];
            case "SubscriptionChange" when one.TryGetProperty("SuppressSending", out var stops) && stops.ValueKind == JsonValueKind.True && Text(one, "SuppressionReason") is null or "ManualSuppression":
                return [new("postmark", "unsubscribe", Text(one, "Recipient"), null, Time(Text(one, "ChangedAt")), true, null, null)];
            default:
                return [];
        }
    }

    /// <summary>A batch of www.twilio.com/docs/sendgrid/for-developers/tracking-events/event.</summary>
    public static IEnumerable<MailEvent> OfSendGrid(JsonElement batch) => batch.ValueKind != JsonValueKind.Array ? [] : batch.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object).SelectMany(one =>
    {
        var type = Text(one, "event") switch { "bounce" => "bounce", "spamreport" => "complaint", "unsubscribe" or "group_unsubscribe" => "unsubscribe", _ => null };
        DateTimeOffset? at = one.TryGetProperty("timestamp", out var seconds) && seconds.TryGetInt64(out var unix) && unix is > 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(unix) : null;
        return type is null
            ? Enumerable.Empty<MailEvent>()
            : [new("sendgrid", type, Text(one, "email"), Text(one, "smtp-id"), at, type != "bounce" || Text(one, "type") != "blocked", Text(one, "reason"), Text(one, "sg_event_id"))];
    });

    // SES gives a mail an id of its own; ours stands among the original headers when they are included.
    private static string? MessageIdOf(JsonElement message)
    {
        if (Inner(message, "mail") is not { } mail)
        {
            return null;
        }

        return Inner(mail, "commonHeaders") is { } common && Text(common, "messageId") is { } id ? id
            : Each(mail, "headers").Where(h => string.Equals(Text(h, "name"), "Message-ID", StringComparison.OrdinalIgnoreCase)).Select(h => Text(h, "value")).FirstOrDefault();
    }

    private static DateTimeOffset? Time(string? text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static JsonElement? Inner(JsonElement of, string field) => of.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static IEnumerable<JsonElement> Each(JsonElement of, string field) => of.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.Object) : [];

    private static string? Text(JsonElement of, string field) => SnsSignature.Text(of, field);
}
