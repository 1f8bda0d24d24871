using System.Text.Json.Serialization;
using InviteAdmin.Access;
using InviteAdmin.Webhooks;

namespace InviteAdmin.Api;

/// <summary>An endpoint to add. Without events it hears of all, those that come later too.</summary>
/// <param name="Url">HTTPS, on the public internet.</param>
/// <param name="Note">What it is for, up to 200 characters.</param>
public sealed record WebhookBody(string? Url, IReadOnlyList<string>? Events = null, string? Note = null);

/// <summary>An endpoint just added. The secret is shown this once.</summary>
public sealed record NewWebhookAnswer(string Id, string Secret);

/// <summary>Whether events reach an endpoint.</summary>
public enum WebhookState
{
    Active,
    Failing,
    Off,
}

/// <summary>An endpoint as it stands; events null means all.</summary>
/// <param name="Waiting">How many deliveries are still to be made.</param>
public sealed record WebhookItem(
    string Id, string Url, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<string>? Events, string? Note, WebhookState State, string? OffBecause, DateTimeOffset? FailingSince, long Waiting,
    string CreatedBy, DateTimeOffset CreatedAt);

/// <summary>An endpoint just removed.</summary>
public sealed record RemovedWebhookAnswer(string Id);

/// <summary>A test event that was queued.</summary>
public sealed record TestedAnswer(string EventId);

/// <summary>From when on events are sent again.</summary>
public sealed record ReplayBody(DateTimeOffset? Since);

/// <summary>The long work that queues the events again; the Jobs page shows how far it is.</summary>
public sealed record ReplayAnswer(string OperationId);

/// <summary>The routes of webhooks.</summary>
internal static class WebhookCalls
{
    private const string Tag = "Webhooks";
    private static readonly string[] OfPost = ["malformed-json", "body-too-large", "unsupported-media-type", "validation", "idempotency-in-flight", "idempotency-mismatch"];

    public static void MapWebhooks(this IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks", List).Describe("listWebhooks", Tag, "The endpoints", Scope.Manage, $"All of them, the first added first; there are at most {AddWebhook.MostEndpoints}.", [],
                answer: """{"data":[{"id":"wh_01jd4xg2m4p6r8t0","url":"https://example.com/webhooks","events":["waitlist.joined","invite.redeemed"],"note":null,"state":"active","offBecause":null,"failingSince":null,"waiting":0,"createdBy":"Backend","createdAt":"2026-11-22T09:30:00Z"}],"nextCursor":null}""")
            .Produces<Page<WebhookItem>>();

        api.MapPost("/webhooks", Add).Describe("addWebhook", Tag, "Add an endpoint", Scope.Manage,
                $"Events are posted to it as Standard Webhooks, signed with the secret, which is shown this once. Without events it hears of all: {string.Join(", ", WebhookEvent.All.Select(e => e.Type))}. The address must be HTTPS and on the public internet.",
                [.. OfPost, "too-many-webhooks"], """{"url":"https://example.com/webhooks","events":["waitlist.joined","invite.redeemed"]}""",
                """{"id":"wh_01jd4xg2m4p6r8t0","secret":"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD8rAmBmpDYW0="}""")
            .Produces<NewWebhookAnswer>(StatusCodes.Status201Created);

        api.MapDelete("/webhooks/{id}", Remove).Describe("removeWebhook", Tag, "Remove an endpoint", Scope.Manage, "What waits for it is not sent any more.", ["not-found"], answer: """{"id":"wh_01jd4xg2m4p6r8t0"}""").Produces<RemovedWebhookAnswer>();

        api.MapPost("/webhooks/{id}/test", Test).Describe("testWebhook", Tag, "Send a test event", Scope.Manage, "Queues an event of type webhook.test for this endpoint alone. The Webhooks page shows how it was answered.",
                ["not-found", "webhook-off", "idempotency-in-flight", "idempotency-mismatch"], answer: """{"eventId":"evt_6f1c2a4e8b7d4c3f9a0e5d2b1c8f7a60"}""")
            .Produces<TestedAnswer>(StatusCodes.Status202Accepted);

        api.MapPost("/webhooks/{id}/replay", Replay).Describe("replayWebhook", Tag, "Send again what happened since", Scope.Manage,
                $"Everything the endpoint listens to, delivered before or not, each event with the id it had. At most {WebhookQueue.KeptDays} days back.",
                [.. OfPost, "not-found", "webhook-off"], """{"since":"2026-11-22T09:30:00Z"}""", """{"operationId":"op_01jd4xg9v1w3x5z7"}""")
            .Produces<ReplayAnswer>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> List(WebhookQueries webhooks, CancellationToken cancel) => TypedResults.Ok(new Page<WebhookItem>(
        [.. (await webhooks.List(cancel)).Select(w => new WebhookItem(w.Id, w.Url, w.Events, w.Note, Enum.Parse<WebhookState>(w.State, true), w.DisabledReason, w.FailingSince, w.Waiting, w.CreatedBy, w.CreatedAt))], null));

    private static async Task<IResult> Add(WebhookBody body, Caller caller, AddWebhook add, CancellationToken cancel) =>
        (await add.One(caller.Actor, new WebhookRequest(body.Url, body.Events, body.Note), cancel)).Answer(made => TypedResults.Created($"{ApiRoutes.Root}/webhooks", new NewWebhookAnswer(made.Id, made.Secret)));

    private static async Task<IResult> Remove(string id, Caller caller, ChangeWebhook change, CancellationToken cancel) =>
        (await change.Remove(caller.Actor, id, cancel)).Answer(_ => TypedResults.Ok(new RemovedWebhookAnswer(id)));

    private static async Task<IResult> Test(string id, Caller caller, SendWebhook send, CancellationToken cancel) =>
        (await send.Test(caller.Actor, id, cancel)).Answer(queued => TypedResults.Accepted((string?)null, new TestedAnswer(queued.EventId)));

    private static async Task<IResult> Replay(string id, ReplayBody body, Caller caller, ReplayWebhooks replay, TimeProvider time, CancellationToken cancel) =>
        (await replay.Start(caller.Actor, id, body.Since, Tokens.NewLink(time), cancel)).Answer(operation => TypedResults.Accepted((string?)null, new ReplayAnswer(operation)));
}
