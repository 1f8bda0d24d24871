using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Invites;

/// <summary>The code that was to be replaced is not the open one any more.</summary>
public sealed record CodeMoved() : Failure("code-moved", "This code is not the open one any more: it was used, ran out, or a colleague was faster. Look again; nothing was changed.");

/// <summary>
/// Gives somebody another code for their open invitation: the old one is revoked, the new one lives as long as a fresh invitation and is mailed at once.
/// Once per code: it is named, so that a second click finds it gone.
/// </summary>
public sealed class ReplaceCode(Transactions transactions, IOptions<InvitesOptions> options)
{
    /// <param name="code">The open code, however it is written.</param>
    public async Task<Outcome<GivenCode>> One(Actor actor, string entryId, string code, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500, required: true);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<GivenCode>(async connection =>
        {
            // Codes before entries, as everywhere.
            var old = await connection.Query(
                """
                UPDATE invite_codes SET status = 'revoked', revoked_at = clock_timestamp(), revoked_reason = $3, revoked_by = $4
                WHERE code = $2 AND kind = 'waitlist' AND status = 'active' AND used_count = 0 AND lapsed_at IS NULL AND entry_id = (SELECT id FROM waitlist_entries WHERE public_id = $1)
                RETURNING id, shown
                """,
                row => (Id: row.GetInt64(0), Shown: row.GetString(1)), cancel, entryId, CodeText.Canonical(code), reason, actor.Name);
            if (old.Count == 0)
            {
                return new CodeMoved();
            }

            var entry = await connection.Query(
                "SELECT e.id FROM waitlist_entries e WHERE e.public_id = $1 AND e.status = 'invited' FOR NO KEY UPDATE", row => row.GetInt64(0), cancel, entryId);
            if (entry.Count == 0)
            {
                return new CodeMoved();
            }

            await connection.Execute("UPDATE outbox SET state = 'cancelled' WHERE entry_id = $1 AND code_id = $2 AND state = 'pending' AND lease_until IS NULL", cancel, entry[0], old[0].Id);
            var made = (await connection.Query(ReplaceSql, row => new GivenCode(row.GetString(0), row.Time(1)), cancel, old[0].Id, CodeText.New(), options.Value.InvitationDays))[0];
            await connection.Audit(actor, "code.revoked", "code", $"{old[0].Id}", cancel, reason: reason);
            await connection.Audit(actor, "code.replaced", "entry", entryId, cancel, before: new { Code = old[0].Shown }, reason: reason);
            return made;
        }, cancel);
    }

    private const string ReplaceSql =
        """
        WITH coded AS (
          INSERT INTO invite_codes (code, shown, kind, cohort_id, entry_id, tier, max_uses, expires_at)
          SELECT $2, show_code($2), 'waitlist', o.cohort_id, o.entry_id, o.tier, 1, now() + $3 * interval '1 day' FROM invite_codes o WHERE o.id = $1
          RETURNING id, shown, entry_id, cohort_id, expires_at
        ), mailed AS (
          INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id, cohort_id, code_id)
          SELECT 'invitation', 'invitation:' || k.id, e.email, jsonb_build_object('name', e.name, 'code', k.shown, 'statusToken', e.status_token), e.id, k.cohort_id, k.id
          FROM coded k JOIN waitlist_entries e ON e.id = k.entry_id
        )
        SELECT shown, expires_at FROM coded
        """;
}
