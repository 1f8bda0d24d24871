using System.Data.Common;
using InviteAdmin.Access;
using InviteAdmin.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>
/// The outbox table as a queue for any number of processes: claim with SKIP LOCKED, a lease with a fence, and a sweep that
/// frees what a dead process held.
/// </summary>
public sealed class OutboxQueue(NpgsqlDataSource source, IOptions<AppOptions> app)
{
    private readonly string _host = Uri.TryCreate(app.Value.PublicUrl, UriKind.Absolute, out var url) && url.IdnHost.Length > 0 ? url.IdnHost : "localhost";

    /// <summary>Takes up to <paramref name="most"/> due items for the lease's time; of invitations as many as the rollout lets go.</summary>
    public async Task<IReadOnlyList<OutboxItem>> Claim(int most, TimeSpan lease, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var claimed = await connection.Query(ClaimSql, Read, cancel, most, lease, Guid.NewGuid(), await RolloutMail.Allowed(connection, most, cancel), _host);
        await FaultPoints.Pass(FaultPoints.BeforeCommit, "ClaimMail");
        await transaction.CommitAsync(CancellationToken.None);
        await FaultPoints.Pass(FaultPoints.AfterCommit, "ClaimMail");
        return claimed;
    }

    /// <summary>Hands back items that were claimed and not tried; the claim does not count as a try.</summary>
    public async Task GiveBack(IReadOnlyList<OutboxItem> items, CancellationToken cancel)
    {
        if (items.Count > 0)
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            await connection.Execute(
                "UPDATE outbox SET lease_until = NULL, lease_token = NULL, attempts = attempts - 1 WHERE id = ANY($1) AND lease_token = $2", cancel,
                items.Select(i => i.Id).ToArray(), items[0].LeaseToken!.Value);
        }
    }

    /// <summary>Frees items whose lease ran out: their process died or froze.</summary>
    public async Task<int> Sweep(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Execute("UPDATE outbox SET lease_until = NULL, lease_token = NULL WHERE lease_until < now()", cancel);
    }

    /// <summary>Tells staff when mail failed for good.</summary>
    public async Task TellOfFailures(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await StaffMail.TellOfFailures(connection, cancel);
    }

    /// <summary>Which of these addresses' hashes are suppressed.</summary>
    public async Task<HashSet<string>> Suppressed(IReadOnlyList<byte[]> hashes, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query("SELECT email_hash FROM suppressions WHERE email_hash = ANY($1)", row => Convert.ToHexString((byte[])row[0]), cancel, [hashes.ToArray()])).ToHashSet(StringComparer.Ordinal);
    }

    private static OutboxItem Read(DbDataReader row) => new()
    {
        Id = row.GetInt64(0), Kind = row.GetString(1), Template = row.GetString(2), DedupeKey = row.GetString(3), Recipient = row.Text(4), Payload = row.GetString(5),
        State = "pending", Attempts = row.GetInt32(6), LeaseToken = row.GetGuid(7), CreatedAt = row.GetFieldValue<DateTimeOffset>(8), MessageId = row.GetString(9),
    };

    private const string ClaimSql =
        """
        WITH mail AS MATERIALIZED (
          SELECT id FROM outbox WHERE state = 'pending' AND lease_until IS NULL AND due_at <= now() AND NOT is_invitation(template) ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
        ), invitations AS MATERIALIZED (
          SELECT id FROM outbox WHERE state = 'pending' AND lease_until IS NULL AND due_at <= now() AND is_invitation(template) ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED
        )
        UPDATE outbox o SET lease_until = now() + $2::interval, lease_token = $3, attempts = attempts + 1,
          message_id = coalesce(o.message_id, '<outbox-' || o.id || '.' || floor(extract(epoch FROM o.created_at))::bigint || '@' || $5::text || '>')
        FROM (SELECT id FROM mail UNION ALL SELECT id FROM invitations) due
        WHERE o.id = due.id
        RETURNING o.id, o.kind, o.template, o.dedupe_key, o.recipient, o.payload::text, o.attempts, o.lease_token, o.created_at, o.message_id
        """;
}
