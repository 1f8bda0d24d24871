using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.People;

/// <summary>Everything held about one person, whole. Links and tokens that act in their name are left out: they are keys, not facts.</summary>
public sealed record PersonExport(
    HeldEntry? Entry, HeldMember? Member, IReadOnlyList<HeldPoints> Points, IReadOnlyList<HeldInvitation> Invitations, IReadOnlyList<OwnedCode> Codes, IReadOnlyList<HeldReferral> Referrals,
    IReadOnlyList<HeldReward> Rewards, IReadOnlyList<HeldMail> Mails, IReadOnlyList<HeldNote> Notes, IReadOnlyList<HeldAction> Actions, IReadOnlyList<DateOnly> ActiveDays, HeldSuppression? Suppression);

/// <summary>Their place on the waitlist.</summary>
public sealed record HeldEntry(
    string Id, string Email, string Name, string Status, long Position, int Points, string? Source, string? ReferredBy, string ReferralToken, string? Hold, string? HoldReason, int Lapses,
    DateTimeOffset JoinedAt, DateTimeOffset? ConfirmedAt, DateTimeOffset? InvitedAt, DateTimeOffset? RegisteredAt, DateTimeOffset? DeclinedAt, string? DeclineReason);

/// <summary>Their membership.</summary>
public sealed record HeldMember(string UserId, string Email, string Name, string Tier, string? InvitedBy, string? Code, int Referrals, DateTimeOffset RegisteredAt);

/// <summary>A row of their points.</summary>
public sealed record HeldPoints(DateTimeOffset At, string Kind, int Points, string? Note);

/// <summary>A cohort they were invited in.</summary>
public sealed record HeldInvitation(string CohortId, int Number, DateTimeOffset At, int Rank);

/// <summary>A code that was given to them.</summary>
public sealed record OwnedCode(string Code, string Kind, int UsedCount, int MaxUses, string Status, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt);

/// <summary>A member they brought.</summary>
public sealed record HeldReferral(string UserId, string Status, DateTimeOffset At);

/// <summary>What they were given for bringing people.</summary>
public sealed record HeldReward(DateTimeOffset At, int? Threshold, int Codes, string? Tier, string? Reason);

/// <summary>A mail to them; subject and text where it was kept as it was sent.</summary>
public sealed record HeldMail(string Template, string State, string? Recipient, DateTimeOffset QueuedAt, DateTimeOffset? SentAt, string? Subject, string? Text);

/// <summary>What a colleague wrote about them.</summary>
public sealed record HeldNote(DateTimeOffset At, string Author, string Text);

/// <summary>What staff or a key did to them.</summary>
public sealed record HeldAction(DateTimeOffset At, string Action, string By, string? Reason);

/// <summary>Why nothing is mailed to them.</summary>
public sealed record HeldSuppression(string Reason, DateTimeOffset Since);

/// <summary>Answers a person's question what is held about them. Asking is an action of its own in the audit.</summary>
public sealed class ExportPerson(Transactions transactions, EmailHash hashes)
{
    /// <param name="personId">The public id of an entry or of a member.</param>
    public async Task<Outcome<PersonExport>> One(Actor actor, string? personId, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        LongWork.Begin();
        return await transactions.Run<PersonExport>(async connection =>
        {
            if (await PersonKeys.Of(connection, personId, cancel) is not { } keys)
            {
                return new NotFound("person");
            }

            var canonical = await connection.Query(
                "SELECT canonical_email FROM waitlist_entries WHERE id = $1 UNION SELECT canonical_email FROM members WHERE id = $2", row => row.GetString(0), cancel, keys.Entry, keys.Member);
            var hashed = new List<byte[]>();
            foreach (var email in canonical)
            {
                hashed.Add(await hashes.Of(email, cancel));
            }

            var json = await connection.Scalar<string>(ExportSql, cancel, keys.Entry, keys.Member, keys.Emails, hashed.ToArray());
            await connection.Audit(actor, "person.exported", keys.EntryId is null ? "member" : "entry", (keys.EntryId ?? keys.MemberId)!, cancel);
            return JsonSerializer.Deserialize<PersonExport>(json!, JsonSerializerOptions.Web)!;
        }, cancel);
    }

    // One snapshot, by the indexes of the entry ($1), the member ($2), their addresses ($3) and their hashes ($4).
    private const string ExportSql =
        $"""
        SELECT jsonb_build_object(
          'entry', (SELECT jsonb_build_object('id', e.public_id, 'email', e.email, 'name', e.name, 'status', e.status, 'position', e.position, 'points', e.points, 'source', s.name, 'referredBy', r.public_id,
              'referralToken', e.referral_token, 'hold', e.hold, 'holdReason', e.hold_reason, 'lapses', e.lapses, 'joinedAt', e.joined_at, 'confirmedAt', e.confirmed_at, 'invitedAt', e.invited_at,
              'registeredAt', e.registered_at, 'declinedAt', e.declined_at, 'declineReason', e.decline_reason)
            FROM waitlist_entries e LEFT JOIN sources s ON s.id = e.source_id LEFT JOIN waitlist_entries r ON r.id = e.referred_by_id WHERE e.id = $1),
          'member', (SELECT jsonb_build_object('userId', m.public_id, 'email', m.email, 'name', m.name, 'tier', m.tier, 'invitedBy', b.public_id, 'code', k.shown, 'referrals', m.credited_referrals, 'registeredAt', m.registered_at)
            FROM members m LEFT JOIN redemptions d ON d.member_id = m.id LEFT JOIN invite_codes k ON k.id = d.code_id LEFT JOIN referrals f ON f.referred_member_id = m.id
            LEFT JOIN members b ON b.id = f.referrer_member_id WHERE m.id = $2),
          'points', coalesce((SELECT jsonb_agg(jsonb_build_object('at', created_at, 'kind', kind, 'points', points, 'note', note) ORDER BY id) FROM points_ledger WHERE entry_id = $1), '[]'),
          'invitations', coalesce((SELECT jsonb_agg(jsonb_build_object('cohortId', c.public_id, 'number', c.number, 'at', c.created_at, 'rank', p.rank) ORDER BY c.id)
            FROM cohort_entries p JOIN cohorts c ON c.id = p.cohort_id WHERE p.entry_id = $1), '[]'),
          'codes', coalesce((SELECT jsonb_agg(jsonb_build_object('code', shown, 'kind', kind, 'usedCount', used_count, 'maxUses', max_uses, 'status', status, 'createdAt', created_at, 'expiresAt', expires_at,
            'revokedAt', revoked_at) ORDER BY id) FROM invite_codes WHERE entry_id = $1 OR owner_member_id = $2 OR person_email = ANY($3)), '[]'),
          'referrals', coalesce((SELECT jsonb_agg(jsonb_build_object('userId', m.public_id, 'status', f.status, 'at', f.created_at) ORDER BY f.id)
            FROM referrals f JOIN members m ON m.id = f.referred_member_id WHERE f.referrer_member_id = $2), '[]'),
          'rewards', coalesce((SELECT jsonb_agg(jsonb_build_object('at', granted_at, 'threshold', threshold, 'codes', codes, 'tier', tier, 'reason', reason) ORDER BY id) FROM reward_grants WHERE member_id = $2), '[]'),
          'mails', coalesce((SELECT jsonb_agg(jsonb_build_object('template', o.template, 'state', o.state, 'recipient', o.recipient, 'queuedAt', o.created_at, 'sentAt', o.sent_at, 'subject', b.subject, 'text', b.text) ORDER BY o.id)
            FROM outbox o LEFT JOIN mailbox b ON b.outbox_id = o.id WHERE o.entry_id = $1 OR o.member_id = $2), '[]'),
          'notes', coalesce((SELECT jsonb_agg(jsonb_build_object('at', created_at, 'author', author_name, 'text', text) ORDER BY id) FROM notes WHERE entry_id = $1 OR member_id = $2), '[]'),
          'actions', coalesce((SELECT jsonb_agg(jsonb_build_object('at', a.at, 'action', a.action, 'by', a.actor_name, 'reason', a.reason) ORDER BY a.id)
            FROM ({AuditQueries.PersonTargets}) t(kind, id) JOIN audit_log a ON a.target_kind = t.kind AND a.target_id = t.id), '[]'),
          'activeDays', coalesce((SELECT jsonb_agg(day ORDER BY day) FROM member_activity WHERE member_id = $2), '[]'),
          'suppression', (SELECT jsonb_build_object('reason', reason, 'since', created_at) FROM suppressions WHERE email_hash = ANY($4) ORDER BY created_at LIMIT 1))::text
        """;
}
