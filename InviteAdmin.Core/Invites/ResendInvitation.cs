using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>The person has no invitation that could be sent again.</summary>
public sealed record NoOpenInvitation() : Failure("no-open-invitation", "This person has no open invitation. Invite them first.");

/// <summary>Mails an open invitation again, ten seconds from now so that it can be undone; at most once a minute.</summary>
public sealed class ResendInvitation(Transactions transactions)
{
    /// <summary>The id of the outbox item that will carry it.</summary>
    public async Task<Outcome<long>> One(Actor actor, string entryId, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<long>(async connection =>
        {
            var id = await connection.Query(ResendSql, row => row.GetInt64(0), cancel, entryId);
            if (id.Count == 0)
            {
                return new NoOpenInvitation();
            }

            await connection.Audit(actor, "invitation.resent", "entry", entryId, cancel);
            return id[0];
        }, cancel);
    }

    private const string ResendSql =
        """
        INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id, cohort_id, code_id, due_at)
        SELECT 'invitation', 'resend:' || c.id || ':' || to_char(now(), 'YYYYMMDDHH24MI'), e.email,
          jsonb_build_object('name', e.name, 'code', c.shown, 'statusToken', e.status_token), e.id, c.cohort_id, c.id, now() + interval '10 seconds'
        FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id
        WHERE e.public_id = $1 AND e.status = 'invited' AND c.kind = 'waitlist' AND c.status = 'active' AND c.used_count = 0 AND c.lapsed_at IS NULL AND c.expires_at > now()
        ON CONFLICT (dedupe_key) DO UPDATE SET dedupe_key = excluded.dedupe_key
        RETURNING id
        """;
}
