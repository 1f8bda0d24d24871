using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>A member cannot leave the waitlist any more.</summary>
public sealed record AlreadyRegistered() : Failure("already-registered", "This person has signed up already.");

/// <summary>Somebody leaves the list: an open invitation ends, unsent mail is cancelled. Again changes nothing.</summary>
public sealed class DeclineEntry(Transactions transactions)
{
    /// <summary>The person's own wish, by the private token of their status page.</summary>
    public Task<Outcome<EntryFacts>> ByToken(Actor actor, string? statusToken, CancellationToken cancel) =>
        Run(actor, Permission.Join, "status_token", statusToken?.Trim().ToLowerInvariant() ?? "", "person", null, new TokenUnknown(), cancel);

    /// <summary>By staff, with a reason.</summary>
    public Task<Outcome<EntryFacts>> ById(Actor actor, string entryId, string? reason, CancellationToken cancel) =>
        Run(actor, Permission.Assist, "public_id", entryId, "staff", reason, new NotFound("entry"), cancel);

    private async Task<Outcome<EntryFacts>> Run(
        Actor actor, Permission permission, string column, string value, string by, string? reason, Failure missing, CancellationToken cancel)
    {
        if (actor.Refuse(permission) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        if (value.Length > 100 || !People.PlainText.IsClean(value))
        {
            return missing;
        }

        return await transactions.Run(connection => Decline(connection, actor, column, value, by, reason, missing, cancel), cancel);
    }

    private static async Task<Outcome<EntryFacts>> Decline(
        NpgsqlConnection connection, Actor actor, string column, string value, string by, string? reason, Failure missing, CancellationToken cancel)
    {
        // Codes are locked before their entry, as everywhere.
        await connection.Execute(
            $"SELECT 1 FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id WHERE e.{column} = $1 ORDER BY c.id FOR NO KEY UPDATE OF c", cancel, value);
        var found = await connection.Query(
            $"SELECT e.id, e.status, e.public_id FROM waitlist_entries e WHERE e.{column} = $1 FOR NO KEY UPDATE",
            row => (Id: row.GetInt64(0), Status: row.GetString(1), PublicId: row.GetString(2)), cancel, value);
        if (found.Count == 0)
        {
            return missing;
        }

        var entry = found[0];
        if (entry.Status == "registered")
        {
            return new AlreadyRegistered();
        }

        if (entry.Status != "declined")
        {
            await connection.Execute(DeclineSql, cancel, entry.Id, by);
            if (actor.Kind is "staff" or "key")
            {
                await connection.Audit(actor, "entry.declined", "entry", entry.PublicId, cancel, before: new { entry.Status }, after: new { Status = "declined" }, reason: reason);
            }
        }

        return (await connection.Query($"SELECT {EntryFacts.Columns} FROM waitlist_entries e WHERE e.id = $1", EntryFacts.Read, cancel, entry.Id))[0];
    }

    private const string DeclineSql =
        """
        WITH ended AS (
          UPDATE invite_codes SET status = 'revoked', revoked_at = clock_timestamp(), revoked_reason = 'Left the list.'
          WHERE entry_id = $1 AND kind = 'waitlist' AND status = 'active' AND used_count = 0 AND lapsed_at IS NULL
        ), unsent AS (
          UPDATE outbox SET state = 'cancelled' WHERE entry_id = $1 AND state = 'pending' AND lease_until IS NULL
        )
        UPDATE waitlist_entries SET status = 'declined', declined_at = now(), decline_reason = $2 WHERE id = $1
        """;
}
