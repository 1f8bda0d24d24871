using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Webhooks;

/// <summary>An endpoint to add or its new choice. <c>Events</c> null means all, those that come later too.</summary>
public sealed record WebhookRequest(string? Url, IReadOnlyList<string>? Events = null, string? Note = null);

/// <summary>An endpoint just added, or its new secret. The secret is shown this once.</summary>
public sealed record NewWebhook(string Id, string Secret);

/// <summary>There are as many endpoints as there may be.</summary>
public sealed record TooManyWebhooks() : Failure("too-many-webhooks", $"There are {AddWebhook.MostEndpoints} endpoints already, which is the most. Remove one first.");

/// <summary>Adds an endpoint that hears of events from now on.</summary>
public sealed class AddWebhook(Transactions transactions, WebhookAddress addresses, WebhookSecrets secrets, TimeProvider time)
{
    public const int MostEndpoints = 50;
    private const long CountLock = 0x5745_4248;

    public async Task<Outcome<NewWebhook>> One(Actor actor, WebhookRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        var note = checks.Text("note", request.Note, 200);
        var events = Events(checks, request.Events);
        var url = await addresses.Check(request.Url, cancel);
        foreach (var (field, sentence) in (url.Failure as Invalid)?.Fields ?? new Dictionary<string, string>())
        {
            checks.Refuse(field, sentence);
        }

        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        var (id, secret) = (Tokens.NewId("wh", time), WebhookSecrets.New());
        var stored = secrets.Protect(secret);
        return await transactions.Run<NewWebhook>(async connection =>
        {
            await connection.Execute("SELECT pg_advisory_xact_lock($1)", cancel, CountLock);
            if (await connection.Scalar<long>("SELECT count(*) FROM webhook_endpoints WHERE removed_at IS NULL", cancel) >= MostEndpoints)
            {
                return new TooManyWebhooks();
            }

            await connection.Execute(
                "INSERT INTO webhook_endpoints (public_id, url, note, events, secret, created_by) VALUES ($1, $2, $3, $4::text[], $5, $6)", cancel, id, url.Must(), note, events, stored, actor.Name);
            await connection.Audit(actor, "webhook.added", "webhook", id, cancel, after: new { new Uri(url.Must()).Host, Events = events });
            return new NewWebhook(id, secret);
        }, cancel);
    }

    /// <summary>The types chosen, each once; null for all.</summary>
    internal static string[]? Events(FieldChecks checks, IReadOnlyList<string>? wanted)
    {
        var events = wanted?.Select(e => e?.Trim() ?? "").Distinct(StringComparer.Ordinal).ToArray();
        if (events is { Length: 0 })
        {
            checks.Refuse("events", "Choose at least one event, or leave events out for all.");
        }
        else if (events?.FirstOrDefault(e => !WebhookEvent.IsKnown(e)) is { } unknown)
        {
            checks.Refuse("events", $"There is no event {(People.PlainText.IsClean(unknown) && unknown.Length <= 60 ? unknown : "of that name")}. There are {string.Join(", ", WebhookEvent.All.Select(e => e.Type))}.");
        }

        return events;
    }
}
