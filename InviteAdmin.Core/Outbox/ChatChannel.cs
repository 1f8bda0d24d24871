using System.Text.Json.Nodes;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Data;
using InviteAdmin.Webhooks;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>Posts what colleagues are told to their chat: one line of text and a link, as Slack's incoming webhooks take it. It reaches public addresses only, like every webhook.</summary>
public sealed class ChatChannel(ChatSecret secret, NpgsqlDataSource source, WebhookClient client, BrandRules brand, Links links)
{
    public async Task Deliver(OutboxItem item, MayLeave mayLeave, CancellationToken cancel)
    {
        var address = await Address(cancel) ?? throw new RefusedForGood("There is no chat any more.");
        var body = JsonSerializer.Serialize(new { text = Text(item.Payload, (await brand.Now(cancel)).Name, links) });
        await mayLeave(cancel);
        var answer = await client.Post(address, [], body, cancel);
        if (!answer.Succeeded)
        {
            throw answer.Status is >= 400 and < 500 and not (408 or 425 or 429) ? new RefusedForGood($"The chat: {answer.Error}") : new IOException($"The chat: {answer.Error}");
        }
    }

    /// <summary>The message, with what a chat would take for markup as plain characters.</summary>
    internal static string Text(string payload, string product, Links links)
    {
        var data = JsonNode.Parse(payload)!.AsObject();
        return $"*{Plain(product)}*: {Plain((string?)data["reason"] ?? "")} <{links.Admin((string?)data["path"] ?? "")}|Open the dashboard>";
    }

    private async Task<string?> Address(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<string>("SELECT saved->>'address' FROM settings WHERE section = 'chat'", cancel) is { } kept ? secret.Reveal(kept) : null;
    }

    private static string Plain(string text) => text.ReplaceLineEndings(" ").Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}

/// <summary>Encrypts the chat's address by Data Protection: whoever has it can write there.</summary>
public sealed class ChatSecret(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("InviteAdmin.StaffChat");

    public string Protect(string address) => _protector.Protect(address);

    public string Reveal(string stored) => _protector.Unprotect(stored);
}
