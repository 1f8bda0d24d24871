using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>Keeps every mail in the database instead of sending it. Delivering an item again changes nothing.</summary>
public sealed class MailboxChannel(NpgsqlDataSource source, MailTemplates templates, UnsubscribeLinks unsubscribe) : IMailChannel
{
    public async Task Deliver(OutboxItem item, MayLeave mayLeave, CancellationToken cancel)
    {
        var mail = await templates.Render(item, await unsubscribe.Of(item, cancel), cancel);
        await mayLeave(cancel);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await FaultPoints.Pass(FaultPoints.BeforeCommit);
        await connection.Execute(
            """
            INSERT INTO mailbox (outbox_id, message_id, recipient, subject, html, text) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (outbox_id) DO NOTHING
            """,
            cancel, item.Id, templates.MessageId(item), item.Recipient ?? "", mail.Subject, mail.Html, mail.Text);
        await FaultPoints.Pass(FaultPoints.AfterCommit);
    }
}
