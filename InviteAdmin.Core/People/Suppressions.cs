using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>Writes and lifts suppressions in the caller's transaction, together with the hold on the person's entry, so that releases pass by whom no mail can reach.</summary>
internal static class Suppressions
{
    /// <summary>From the commit on nothing leaves to the address: mails that may still leave have said so before this holds its lock.</summary>
    /// <param name="reason">unsubscribed, bounced, complained or staff. A stronger reason takes the place of unsubscribed, which its person may lift.</param>
    /// <param name="canonicalEmail">When it is known; otherwise the person is found by the mails sent to them.</param>
    /// <returns>True when the address was not suppressed before.</returns>
    public static async Task<bool> Write(NpgsqlConnection connection, byte[] hash, string reason, string? canonicalEmail, string? note, string? byName, CancellationToken cancel)
    {
        await SuppressionLock.Take(connection, hash, cancel);
        var written = await connection.Query(WriteSql, row => row.GetBoolean(0), cancel, hash, reason, Text(canonicalEmail), Text(note), Text(byName));
        await connection.Execute(
            "UPDATE waitlist_entries e SET hold = 'suppressed', hold_reason = $2 FROM suppressions s WHERE s.email_hash = $1 AND e.id = s.entry_id AND e.hold IS NULL AND e.status IN ('unconfirmed', 'waiting', 'invited')",
            cancel, hash, Sentence(reason));
        return written is [true];
    }

    /// <summary>True when it was suppressed for one of these reasons and no longer is.</summary>
    public static async Task<bool> Lift(NpgsqlConnection connection, byte[] hash, string[] reasons, CancellationToken cancel)
    {
        await SuppressionLock.Take(connection, hash, cancel);
        return (await connection.Query(
            """
            WITH lifted AS (DELETE FROM suppressions WHERE email_hash = $1 AND reason = ANY($2) RETURNING entry_id),
              freed AS (UPDATE waitlist_entries e SET hold = NULL, hold_reason = NULL FROM lifted l WHERE e.id = l.entry_id AND e.hold = 'suppressed')
            SELECT 1 FROM lifted
            """,
            row => row.GetInt32(0), cancel, hash, reasons)).Count > 0;
    }

    /// <summary>Why, as a person's page says it.</summary>
    public static string Sentence(string reason) => reason switch
    {
        "unsubscribed" => "Unsubscribed.",
        "bounced" => "Mail to this address bounced.",
        "complained" => "Reported our mail as spam.",
        "staff" => "A colleague stopped its mail.",
        _ => "The address is suppressed.",
    };

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    private const string WriteSql =
        """
        INSERT INTO suppressions AS s (email_hash, reason, created_at, entry_id, member_id, note, by_name)
        SELECT $1, $2, clock_timestamp(),
          coalesce((SELECT id FROM waitlist_entries WHERE canonical_email = $3), (SELECT entry_id FROM outbox WHERE recipient_hash = $1 AND entry_id IS NOT NULL ORDER BY id DESC LIMIT 1)),
          coalesce((SELECT id FROM members WHERE canonical_email = $3), (SELECT member_id FROM outbox WHERE recipient_hash = $1 AND member_id IS NOT NULL ORDER BY id DESC LIMIT 1)), $4, $5
        ON CONFLICT (email_hash) DO UPDATE SET reason = EXCLUDED.reason, note = EXCLUDED.note, by_name = EXCLUDED.by_name
          WHERE s.reason = 'unsubscribed' AND EXCLUDED.reason <> 'unsubscribed'
        RETURNING xmax = 0
        """;
}
