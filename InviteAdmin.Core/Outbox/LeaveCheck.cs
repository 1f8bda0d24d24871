using System.Globalization;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>A mail that is about to leave. <c>Hash</c> is its recipient's; null where there is no address.</summary>
public sealed record LeaveAsk(OutboxItem Item, byte[]? Hash);

/// <summary>What stood against a mail at that moment, by the database's clock: its address was suppressed; or the rollout was halted, or the item was cancelled or taken over since it was claimed.</summary>
public sealed record LeaveAnswer(DateTimeOffset At, bool Suppressed, bool Kept);

/// <summary>
/// Asked when mails are about to leave; those that ask together share a transaction. Whoever suppresses an address takes the same lock alone: so either this sees it, or the mail
/// counts as sent before it.
/// </summary>
internal sealed class LeaveCheck : ISharedWrite<LeaveAsk, LeaveAnswer>
{
    public string KeyOf(LeaveAsk item) => item.Item.Id.ToString(CultureInfo.InvariantCulture);

    public async Task<IReadOnlyList<Outcome<LeaveAnswer>>> Write(NpgsqlConnection connection, IReadOnlyList<LeaveAsk> items, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // In the order of the hashes, as whoever takes several alone does.
                Sql.BatchCommand("SELECT pg_advisory_xact_lock_shared(k) FROM unnest($1::bigint[]) k", items.Select(i => SuppressionLock.Of(i.Hash)).Distinct().OrderBy(k => unchecked((ulong)k)).ToArray()),
                Sql.BatchCommand(
                    AskSql, items.Select(i => i.Item.Id).ToArray(), items.Select(i => i.Item.LeaseToken!.Value).ToArray(), items.Select(i => i.Hash).ToArray(),
                    items.Select(i => RolloutMail.IsInvitation(i.Item.Template)).ToArray()),
            },
        };
        await batch.PrepareAsync(cancel);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        await reader.NextResultAsync(cancel);
        return await reader.All(row => (Outcome<LeaveAnswer>)new LeaveAnswer(row.GetFieldValue<DateTimeOffset>(0), row.GetBoolean(1), row.GetBoolean(2)), cancel);
    }

    // Each is looked up by its key, however many there are in the tables.
    private const string AskSql =
        """
        SELECT clock_timestamp(), (SELECT true FROM suppressions s WHERE s.email_hash = a.hash) IS NOT NULL,
          (SELECT o.state = 'pending' AND o.lease_token = a.token FROM outbox o WHERE o.id = a.id) IS NOT TRUE OR (a.invitation AND coalesce((SELECT halted FROM rollout_mail), false))
        FROM unnest($1::bigint[], $2::uuid[], $3::bytea[], $4::boolean[]) WITH ORDINALITY AS a(id, token, hash, invitation, ord) ORDER BY a.ord
        """;
}
