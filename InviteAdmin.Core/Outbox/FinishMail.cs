using System.Globalization;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>How one try ended. <c>State</c> is sent, dead, suppressed, or pending to be tried again after <c>Wait</c>.</summary>
public sealed record TryResult(OutboxItem Item, string State, string? Error, TimeSpan Wait, int Milliseconds, byte[]? RecipientHash)
{
    /// <summary>When it was last allowed to leave, by the database's clock; what was sent counts as sent then.</summary>
    public DateTimeOffset? LeftAt { get; init; }

    /// <summary>Which version of its template it was made from.</summary>
    public int? TemplateVersion { get; init; }
}

/// <summary>
/// Writes results and their attempts; those that become known together share a commit. A result whose fence is no longer the
/// row's own writes nothing: of each is said whether it still held its lease.
/// </summary>
internal sealed class FinishMail : ISharedWrite<TryResult, bool>
{
    private static readonly string Process = $"{Environment.MachineName}:{Environment.ProcessId}";

    public string KeyOf(TryResult item) => item.Item.Id.ToString(CultureInfo.InvariantCulture);

    public async Task<IReadOnlyList<Outcome<bool>>> Write(NpgsqlConnection connection, IReadOnlyList<TryResult> items, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Sql.BatchCommand(
                    FinishSql, items.Select(r => r.Item.Id).ToArray(), items.Select(r => r.Item.LeaseToken!.Value).ToArray(), items.Select(r => r.State).ToArray(),
                    items.Select(r => r.Error).ToArray(), items.Select(r => r.Wait).ToArray(), items.Select(r => r.Milliseconds).ToArray(), items.Select(r => r.RecipientHash).ToArray(), Process,
                    items.Select(r => r.LeftAt).ToArray(), items.Select(r => r.TemplateVersion).ToArray()),
            },
        };
        await batch.PrepareAsync(cancel);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        return await reader.All(row => (Outcome<bool>)row.GetBoolean(0), cancel);
    }

    private const string FinishSql =
        """
        WITH results AS (
          SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::interval[], $6::integer[], $7::bytea[], $9::timestamptz[], $10::integer[])
            WITH ORDINALITY AS r(id, token, state, error, wait, ms, hash, left_at, version, ord)
        ), finished AS (
          UPDATE outbox o
          SET state = r.state, last_error = r.error, lease_until = NULL, lease_token = NULL, sent_at = CASE WHEN r.state = 'sent' THEN coalesce(r.left_at, now()) END,
              due_at = CASE WHEN r.state = 'pending' THEN now() + r.wait ELSE o.due_at END, recipient_hash = coalesce(r.hash, o.recipient_hash),
              template_version = coalesce(r.version, o.template_version)
          FROM results r WHERE o.id = r.id AND o.lease_token = r.token AND o.state = 'pending'
          RETURNING o.id, r.token
        ), noted AS (
          INSERT INTO outbox_attempts (outbox_id, outcome, error, process, milliseconds)
          SELECT r.id, CASE r.state WHEN 'pending' THEN 'retry' ELSE r.state END, r.error, $8, r.ms FROM results r JOIN finished f ON f.id = r.id AND f.token = r.token
        )
        SELECT f.id IS NOT NULL FROM results r LEFT JOIN finished f ON f.id = r.id AND f.token = r.token ORDER BY r.ord
        """;
}
