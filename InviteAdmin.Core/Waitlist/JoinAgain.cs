using InviteAdmin.Data;
using InviteAdmin.Referrals;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>
/// What happens when a known email joins again: a verified one is confirmed if it was not, anybody else is mailed at most
/// once an hour, so that a stranger sees the same answer for every email and its owner still gets a working link.
/// </summary>
internal static class JoinAgain
{
    public static async Task Answer(NpgsqlConnection connection, IReadOnlyList<JoinRow> rows, PointRules points, int confirmDays, CancellationToken cancel)
    {
        var verified = rows.Where(r => r.Verified).Select(r => r.Email.Canonical).ToArray();
        if (verified.Length > 0)
        {
            var ids = await connection.Query(
                "SELECT id FROM waitlist_entries WHERE canonical_email = ANY($1) AND status = 'unconfirmed'", row => row.GetInt64(0), cancel, [verified]);
            await ConfirmWrite.Confirm(connection, ids, points, mail: false, cancel);
        }

        var asked = rows.Where(r => !r.Verified).Select(r => r.Email.Canonical).ToArray();
        if (asked.Length > 0)
        {
            await connection.Execute(RemindSql, cancel, asked, confirmDays);
        }
    }

    private const string RemindSql =
        """
        WITH locked AS MATERIALIZED (
          SELECT id FROM waitlist_entries WHERE canonical_email = ANY($1) AND status = 'unconfirmed' AND hold IS NULL ORDER BY id FOR NO KEY UPDATE
        ), renewed AS (
          UPDATE waitlist_entries e SET confirm_expires_at = now() + $2 * interval '1 day' FROM locked l WHERE e.id = l.id
          RETURNING e.id, e.email, e.name, e.confirm_token
        )
        INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id)
        SELECT 'confirm', 'confirm:' || id || ':' || to_char(now(), 'YYYYMMDDHH24'), email, jsonb_build_object('name', name, 'confirmToken', confirm_token), id FROM renewed
        UNION ALL
        SELECT 'again', 'again:' || e.id || ':' || to_char(now(), 'YYYYMMDDHH24'), e.email, jsonb_build_object('name', e.name, 'statusToken', e.status_token), e.id
        FROM waitlist_entries e WHERE e.canonical_email = ANY($1) AND e.status <> 'unconfirmed' AND e.hold IS DISTINCT FROM 'suppressed'
        ON CONFLICT (dedupe_key) DO NOTHING
        """;
}
