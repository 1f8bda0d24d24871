using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Api;

/// <summary>How many events were new, and how many had been told before.</summary>
public sealed record MailEventsAnswer(int Taken, int Repeated);

/// <summary>What became of mail that was sent: told by a company's own mail server in one shape, or by a provider in its own.</summary>
internal static class MailEventCalls
{
    private const string Tag = "Mail";
    private const int MostOfProvider = 1024 * 1024;
    private static readonly TimeSpan MostClockSkew = TimeSpan.FromMinutes(10);
    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = 32 };

    public static void MapMailEvents(this IEndpointRouteBuilder api)
    {
        api.MapPost("/mail/events", Take).Describe("postMailEvents", Tag, "Say that mail bounced, was complained about or unsubscribed from", Scope.Manage,
                $"One event or an array of up to {TakeMailEvents.MostAtOnce:N0}. type is bounce, complaint or unsubscribe; email or messageId says whose; kind of a bounce is hard (the default) or soft; at is now without it. A hard bounce, a complaint and an unsubscription stop all mail to the address. An event that was told before changes nothing.",
                ["malformed-json", "body-too-large", "unsupported-media-type", "validation", "idempotency-in-flight", "idempotency-mismatch"],
                """{"type":"bounce","email":"ann@example.com","kind":"hard","at":"2026-11-22T09:30:00Z","reason":"550 no such mailbox"}""", """{"taken":1,"repeated":0}""").Produces<MailEventsAnswer>();
        var providers = api.MapGroup("/mail/events").WithMetadata(new OwnProof(), new BodyLimit(MostOfProvider)).ExcludeFromDescription();
        providers.MapPost("/ses", Ses);
        providers.MapPost("/postmark", Postmark);
        providers.MapPost("/sendgrid", SendGrid);
    }

    private static async Task<IResult> Take(JsonElement body, Caller caller, TakeMailEvents events, CancellationToken cancel)
    {
        if (!IsText(body))
        {
            return NoJson();
        }

        var taken = new List<MailEvent>();
        var wrong = new Dictionary<string, string>(StringComparer.Ordinal);
        var isMany = body.ValueKind == JsonValueKind.Array;
        var given = isMany ? [.. body.EnumerateArray().Take(TakeMailEvents.MostAtOnce + 1)] : new[] { body };
        for (var i = 0; i < given.Length; i++)
        {
            Read(given[i], isMany ? $"[{i}]." : "", taken, wrong);
        }

        return wrong.Count > 0 ? Problem.Of(new Invalid(wrong)) : (await events.Run(caller.Actor, taken, cancel)).Answer(t => TypedResults.Ok(new MailEventsAnswer(t.Taken, t.Repeated)));
    }

    private static void Read(JsonElement one, string at, List<MailEvent> taken, Dictionary<string, string> wrong)
    {
        if (one.ValueKind != JsonValueKind.Object)
        {
            wrong.TryAdd(at.Length == 0 ? "body" : at.TrimEnd('.'), "An event is an object.");
            return;
        }

        string? Field(string name)
        {
            if (!one.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= 2_000 } text && (PlainText.IsClean(text) || name == "reason"))
            {
                return text;
            }

            wrong.TryAdd(at + name, $"{char.ToUpperInvariant(name[0])}{name[1..]} must be plain text.");
            return null;
        }

        var (type, email, messageId, kind, when, reason) = (Field("type"), Field("email"), Field("messageId"), Field("kind"), Field("at"), Field("reason"));
        if (type is not ("bounce" or "complaint" or "unsubscribe"))
        {
            wrong.TryAdd(at + "type", "Type must be bounce, complaint or unsubscribe.");
        }

        if (email is null && messageId is null)
        {
            wrong.TryAdd(at + "email", "Email or messageId is needed.");
        }
        else if (email is not null && !EmailAddress.TryParse(email, out _, out var why))
        {
            wrong.TryAdd(at + "email", why);
        }

        if (kind is not (null or "hard" or "soft"))
        {
            wrong.TryAdd(at + "kind", "Kind must be hard or soft.");
        }

        DateTimeOffset moment = default;
        if (when is not null && !(one.GetProperty("at").TryGetDateTimeOffset(out moment) && moment.Year is > 2000 and < 9000))
        {
            wrong.TryAdd(at + "at", "At must be a time in ISO 8601.");
        }

        taken.Add(new("api", type ?? "", email, messageId, when is null ? null : moment, kind != "soft", reason, null));
    }

    private static async Task<IResult> Ses(HttpContext context, IOptions<MailOptions> mail, SnsSignature signature, IHttpClientFactory clients, TakeMailEvents events, CancellationToken cancel)
    {
        var topic = mail.Value.Events.SesTopicArn;
        if (topic.Length == 0)
        {
            return Off();
        }

        if (await Json(context) is not { ValueKind: JsonValueKind.Object } message)
        {
            return NoJson();
        }

        if (SnsSignature.Text(message, "TopicArn") != topic || !await signature.Signed(message, cancel))
        {
            return NotProven();
        }

        switch (SnsSignature.Text(message, "Type"))
        {
            // Only for the topic that the settings name, at Amazon's own address, and nothing of the answer is used.
            case "SubscriptionConfirmation" when SnsSignature.IsAmazons(SnsSignature.Text(message, "SubscribeURL"), out var confirm):
                using (var client = clients.CreateClient(Outward.Client))
                {
                    client.Timeout = TimeSpan.FromSeconds(10);
                    using var answer = await client.GetAsync(confirm, HttpCompletionOption.ResponseHeadersRead, cancel);
                    return answer.IsSuccessStatusCode ? (IResult)TypedResults.Ok(new MailEventsAnswer(0, 0)) : Problem.Of("unavailable", "The subscription could not be confirmed.");
                }

            case "Notification":
                return Parsed(SnsSignature.Text(message, "Message")) is { ValueKind: JsonValueKind.Object } inner ? await TakeFrom(events, "Amazon SES", ProviderEvents.OfSes(inner), cancel) : TypedResults.Ok(new MailEventsAnswer(0, 0));
            default:
                return TypedResults.Ok(new MailEventsAnswer(0, 0));
        }
    }

    private static async Task<IResult> Postmark(HttpContext context, IOptions<MailOptions> mail, TakeMailEvents events, CancellationToken cancel)
    {
        var settings = mail.Value.Events;
        if (settings.PostmarkUser.Length == 0)
        {
            return Off();
        }

        var given = AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) && string.Equals(header.Scheme, "Basic", StringComparison.OrdinalIgnoreCase) ? header.Parameter ?? "" : "";
        var wanted = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.PostmarkUser}:{settings.PostmarkPassword}"));
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(wanted))))
        {
            return NotProven();
        }

        return await Json(context) is { ValueKind: JsonValueKind.Object } one ? await TakeFrom(events, "Postmark", ProviderEvents.OfPostmark(one), cancel) : NoJson();
    }

    private static async Task<IResult> SendGrid(HttpContext context, IOptions<MailOptions> mail, TimeProvider time, TakeMailEvents events, CancellationToken cancel)
    {
        var key = mail.Value.Events.SendGridPublicKey;
        if (key.Length == 0)
        {
            return Off();
        }

        var timestamp = context.Request.Headers["X-Twilio-Email-Event-Webhook-Timestamp"].ToString();
        var signature = context.Request.Headers["X-Twilio-Email-Event-Webhook-Signature"].ToString();
        var body = await Body(context);
        byte[] signed = [.. Encoding.UTF8.GetBytes(timestamp), .. body];
        if (!long.TryParse(timestamp, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - seconds) > MostClockSkew.TotalSeconds || !SendGridKey.Signed(key, signed, signature))
        {
            return NotProven();
        }

        return Parsed(Encoding.UTF8.GetString(body)) is { } batch ? await TakeFrom(events, "SendGrid", ProviderEvents.OfSendGrid(batch), cancel) : NoJson();
    }

    private static async Task<IResult> TakeFrom(TakeMailEvents events, string provider, IEnumerable<MailEvent> told, CancellationToken cancel)
    {
        var taken = new MailEventsTaken(0, 0);
        foreach (var part in told.Where(e => e.Email is not null || e.MessageId is not null).Chunk(TakeMailEvents.MostAtOnce))
        {
            var outcome = await events.Run(Actor.System with { Name = provider }, part, cancel);
            if (!outcome.Succeeded)
            {
                return Problem.Of(outcome.Failure);
            }

            taken = new(taken.Taken + outcome.Value.Taken, taken.Repeated + outcome.Value.Repeated);
        }

        return TypedResults.Ok(new MailEventsAnswer(taken.Taken, taken.Repeated));
    }

    private static async Task<JsonElement?> Json(HttpContext context) => Parsed(Encoding.UTF8.GetString(await Body(context)));

    private static async Task<byte[]> Body(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private static JsonElement? Parsed(string? text)
    {
        try
        {
            using var json = JsonDocument.Parse(text ?? "", Bounded);
            return IsText(json.RootElement) ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Half of a surrogate pair, escaped, is found only when somebody reads the text.
    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Object => value.EnumerateObject().All(p => p.Name is not null && IsText(p.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsText),
                JsonValueKind.String => value.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static IResult Off() => Problem.Of("not-found", "This provider is not set up: docs/mail.md says how.");

    private static IResult NoJson() => Problem.Of("malformed-json", "The body cannot be read as JSON in UTF-8.");

    private static IResult NotProven() => Problem.Of("unauthorized", "The signature or password of this call is not right.");
}
