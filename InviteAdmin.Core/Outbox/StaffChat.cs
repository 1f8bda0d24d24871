using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Webhooks;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>The chat as its form shows it. The address is a secret: whoever has it can write there.</summary>
/// <param name="Host">Where it leads; null when there is none.</param>
/// <param name="LastId">The last message, and what became of it.</param>
public sealed record StaffChatFacts(string? Host, string? ChangedBy, DateTimeOffset? ChangedAt, long? LastId, string? LastState, string? LastError, DateTimeOffset? LastAt);

/// <summary>There is no chat to send to.</summary>
public sealed record NoChat() : Failure("no-chat", "There is no chat yet. Save its address first.");

/// <summary>
/// The incoming webhook of a chat (Slack's, or one that takes its messages: Mattermost, Rocket.Chat, Discord with /slack) that hears what colleagues are told by mail.
/// The address is kept encrypted by Data Protection and never shown again.
/// </summary>
public sealed class StaffChat(Transactions transactions, WebhookAddress addresses, ChatSecret secret, NpgsqlDataSource source)
{
    /// <summary>The kind of its outbox items.</summary>
    internal const string Kind = "chat";

    public async Task<StaffChatFacts> Read(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            """
            SELECT s.saved->>'host', s.changed_by, s.changed_at, o.id, o.state, o.last_error, o.created_at
            FROM settings s LEFT JOIN LATERAL (SELECT id, state, last_error, created_at FROM outbox WHERE kind = 'chat' ORDER BY id DESC LIMIT 1) o ON true WHERE s.section = 'chat'
            """,
            row => new StaffChatFacts(row.Text(0), row.Text(1), row.Time(2), row.IsDBNull(3) ? null : row.GetInt64(3), row.Text(4), row.Text(5), row.Time(6)), cancel))[0];
    }

    /// <summary>From then on the chat is told too. The address must be one that a webhook may have; the field is url.</summary>
    public async Task<Outcome<bool>> Save(Actor actor, string? url, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        var address = await addresses.Check(url, cancel);
        return address.Failure is { } wrong ? wrong : await Keep(actor, new Uri(address.Must()).Host, secret.Protect(address.Must()), cancel);
    }

    /// <summary>Nothing more goes there, neither what still waits. Again changes nothing.</summary>
    public async Task<Outcome<bool>> Remove(Actor actor, CancellationToken cancel) =>
        actor.Refuse(Permission.Administer) is { } refused ? refused : await Keep(actor, null, null, cancel);

    /// <summary>Queues a message that says it is a test.</summary>
    /// <param name="requestKey">Made when the page was shown; the same key again sends nothing more.</param>
    /// <returns>The message's id.</returns>
    public async Task<Outcome<long>> Test(Actor actor, string requestKey, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<long>(async connection =>
        {
            var queued = await connection.Query(
                """
                INSERT INTO outbox (kind, template, dedupe_key, payload)
                SELECT 'chat', 'test', 'chat-test:' || $1 || ':' || $2, jsonb_build_object('reason', 'This is a test. Here you will hear when something needs you.', 'path', '/settings?section=alerts')
                FROM settings WHERE section = 'chat' AND saved ? 'address' ON CONFLICT (dedupe_key) DO UPDATE SET dedupe_key = EXCLUDED.dedupe_key RETURNING id
                """,
                row => row.GetInt64(0), cancel, actor.Id, requestKey);
            if (queued.Count == 0)
            {
                return new NoChat();
            }

            await connection.Audit(actor, "chat.tested", "settings", "chat", cancel);
            return queued[0];
        }, cancel);
    }

    private Task<bool> Keep(Actor actor, string? host, string? address, CancellationToken cancel) => transactions.Run(async connection =>
    {
        var before = await connection.Scalar<string>("SELECT saved->>'host' FROM settings WHERE section = 'chat' FOR UPDATE", cancel);
        if (before is null && host is null)
        {
            return false;
        }

        await connection.Execute(
            "UPDATE settings SET saved = jsonb_strip_nulls(jsonb_build_object('host', $1::text, 'address', $2::text)), changed_by = $3, changed_at = now() WHERE section = 'chat'", cancel, host, address, actor.Name);
        if (host is null)
        {
            await connection.Execute("UPDATE outbox SET state = 'cancelled' WHERE kind = 'chat' AND state = 'pending' AND lease_until IS NULL", cancel);
        }

        await connection.Audit(actor, "settings.chat", "settings", "chat", cancel, before: new { Host = before }, after: new { Host = host });
        return true;
    }, cancel);
}
