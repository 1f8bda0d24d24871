using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Outbox;

/// <summary>Gives a dead item its eight tries again.</summary>
public sealed class RetryMail(Transactions transactions)
{
    /// <summary>True when it was dead and is due again; false when it had changed state already.</summary>
    public async Task<Outcome<bool>> One(Actor actor, long outboxId, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Operate, or: Permission.Assist) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<bool>(async connection =>
        {
            var retried = await connection.Execute("UPDATE outbox SET state = 'pending', attempts = 0, due_at = now() WHERE id = $1 AND state = 'dead'", cancel, outboxId) > 0;
            if (retried)
            {
                await connection.Audit(actor, "mail.retried", "outbox", outboxId.ToString(CultureInfo.InvariantCulture), cancel);
            }

            return retried;
        }, cancel);
    }
}
