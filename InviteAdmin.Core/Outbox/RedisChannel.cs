using System.Text.Json;
using System.Text.Json.Nodes;
using InviteAdmin.Access;
using InviteAdmin.Redis;
using StackExchange.Redis;

namespace InviteAdmin.Outbox;

/// <summary>
/// Pushes the queue items the company's workers pop: <c>email:send:queue</c> and <c>notification:queue</c>, by LPUSH for
/// workers that BRPOP. At least once; the id tells a second copy.
/// </summary>
public sealed class RedisChannel(RedisServer redis, Links links) : IMailChannel
{
    public const string MailQueue = "email:send:queue";
    public const string NotificationQueue = "notification:queue";

    public async Task Deliver(OutboxItem item, MayLeave mayLeave, CancellationToken cancel)
    {
        var (queue, body) = Item(item);
        await mayLeave(cancel);
        var (answered, _) = await redis.Try(db => db.ListLeftPushAsync(queue, (RedisValue)body.ToJsonString(JsonSerializerOptions.Web)), cancel);
        if (!answered)
        {
            throw new IOException("Redis cannot be reached.");
        }
    }

    internal (string Queue, JsonObject Body) Item(OutboxItem item)
    {
        var payload = JsonNode.Parse(item.Payload)!.AsObject();
        if (item.Kind == "notification")
        {
            return (NotificationQueue, new JsonObject
            {
                ["type"] = item.Template,
                ["userId"] = payload["userId"]?.DeepClone(),
                ["count"] = payload["count"]?.DeepClone(),
                ["newInvites"] = payload["newInvites"]?.DeepClone(),
                ["id"] = $"outbox-{item.Id}",
            });
        }

        var data = new JsonObject { ["name"] = payload["name"]?.DeepClone() };
        if ((string?)payload["code"] is { } code)
        {
            data["code"] = code;
            data["signupUrl"] = links.Signup(code);
        }

        if ((string?)payload["confirmToken"] is { } confirm)
        {
            data["confirmUrl"] = links.Confirm(confirm);
        }

        if (item.Template is "welcome" or "again" or "lapsed" && (string?)payload["statusToken"] is { } status)
        {
            data["statusUrl"] = links.Status(status);
        }

        if (payload["codes"] is JsonArray codes)
        {
            data["codes"] = codes.DeepClone();
        }

        return (MailQueue, new JsonObject { ["to"] = item.Recipient, ["template"] = item.Template, ["data"] = data, ["id"] = $"outbox-{item.Id}" });
    }
}
