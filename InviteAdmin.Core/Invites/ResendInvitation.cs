using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>The person has no invitation that could be sent again.</summary>
public sealed record NoOpenInvitation() : Failure("no-open-invitation", "This person has no open invitation. Invite them first.");

/// <summary>The invitation itself waits in the outbox; sending it again would only make two.</summary>
public sealed record InvitationOnItsWay() : Failure("invitation-on-its-way", "The invitation has not left yet and goes out by itself. Nothing was sent twice.");

/// <summary>The address is suppressed.</summary>
public sealed record GetsNoMail() : Failure("gets-no-mail", "This address gets no mail. Read them the code, or ask for another address.");

/// <summary>The mail is out, or a sender has it in hand.</summary>
public sealed record ResendLeft() : Failure("resend-left", "Too late to undo: the mail has left.");

/// <summary>An invitation about to be sent again.</summary>
/// <param name="MailId">Its outbox item; names it to <see cref="ResendInvitation.Undo"/>.</param>
/// <param name="LastSentAt">When it was sent before, if it was.</param>
public sealed record Resent(long MailId, DateTimeOffset DueAt, DateTimeOffset? LastSentAt);

/// <summary>Mails an open invitation again, ten seconds from now so that it can be undone; at most once a minute. Whether an undo came in time is the database's word.</summary>
public sealed class ResendInvitation(Transactions transactions)
{
    /// <summary>Asked again within a minute, the answer is the first one.</summary>
    public async Task<Outcome<Resent>> One(Actor actor, string entryId, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<Resent>(async connection =>
        {
            // The code's row is what two clicks wait for each other on.
            var open = await connection.Query(
                """
                SELECT c.id, e.id, e.hold FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id
                WHERE e.public_id = $1 AND e.status = 'invited' AND c.kind = 'waitlist' AND c.status = 'active' AND c.used_count = 0 AND c.lapsed_at IS NULL AND c.expires_at > now()
                FOR NO KEY UPDATE OF c
                """,
                row => (Code: row.GetInt64(0), Entry: row.GetInt64(1), Hold: row.Text(2)), cancel, entryId);
            if (open.Count == 0)
            {
                return new NoOpenInvitation();
            }

            if (open[0].Hold == "suppressed")
            {
                return new GetsNoMail();
            }

            var (code, entry) = (open[0].Code, open[0].Entry);
            var mails = await connection.Query(
                """
                SELECT id, dedupe_key LIKE 'resend:%', state, due_at, sent_at, created_at > clock_timestamp() - interval '1 minute' FROM outbox
                WHERE entry_id = $1 AND code_id = $2 AND template = 'invitation' AND state <> 'cancelled' ORDER BY id DESC
                """,
                row => new Mail(row.GetInt64(0), row.GetBoolean(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), row.Time(4), row.GetBoolean(5)), cancel, entry, code);
            var last = mails.Where(m => m.SentAt is not null).Max(m => m.SentAt);
            if (mails.Find(m => m is { IsResend: true, State: "pending" } or { IsResend: true, State: "sent", IsFresh: true }) is { } again)
            {
                return new Resent(again.Id, again.DueAt, last);
            }

            if (mails.Exists(m => m.State == "pending"))
            {
                return new InvitationOnItsWay();
            }

            var queued = (await connection.Query(ResendSql, row => (Id: row.GetInt64(0), DueAt: row.GetFieldValue<DateTimeOffset>(1)), cancel, code))[0];
            await connection.Audit(actor, "invitation.resent", "entry", entryId, cancel, after: new { Mail = queued.Id });
            return new Resent(queued.Id, queued.DueAt, last);
        }, cancel);
    }

    /// <summary>Takes the second mail back while no sender has it. True when this call did it, false when it was undone before.</summary>
    public async Task<Outcome<bool>> Undo(Actor actor, string entryId, long mailId, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<bool>(async connection =>
        {
            // The row's lock decides against the sender's claim, which takes it too; the key is freed for another try.
            var undone = await connection.Execute(
                """
                UPDATE outbox o SET state = 'cancelled', dedupe_key = o.dedupe_key || ':undone' FROM waitlist_entries e
                WHERE o.id = $1 AND e.id = o.entry_id AND e.public_id = $2 AND o.dedupe_key LIKE 'resend:%' AND o.state = 'pending' AND o.lease_until IS NULL AND o.attempts = 0
                """,
                cancel, mailId, entryId);
            if (undone > 0)
            {
                await connection.Audit(actor, "invitation.resend-undone", "entry", entryId, cancel, before: new { Mail = mailId });
                return true;
            }

            var state = await State(connection, mailId, entryId, cancel);
            return state switch { null => new NotFound("mail"), "cancelled" => false, _ => new ResendLeft() };
        }, cancel);
    }

    private static Task<string?> State(NpgsqlConnection connection, long mailId, string entryId, CancellationToken cancel) => connection.Scalar<string>(
        "SELECT o.state FROM outbox o JOIN waitlist_entries e ON e.id = o.entry_id WHERE o.id = $1 AND e.public_id = $2 AND o.dedupe_key LIKE 'resend:%'", cancel, mailId, entryId);

    private static readonly string ResendSql = string.Create(CultureInfo.InvariantCulture,
        $"""
        INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id, cohort_id, code_id, due_at)
        SELECT 'invitation', 'resend:' || c.id || ':' || extract(epoch FROM clock_timestamp()), e.email,
          jsonb_build_object('name', e.name, 'code', c.shown, 'statusToken', e.status_token), e.id, c.cohort_id, c.id, clock_timestamp() + interval '{UndoSeconds} seconds'
        FROM invite_codes c JOIN waitlist_entries e ON e.id = c.entry_id WHERE c.id = $1
        RETURNING id, due_at
        """);

    /// <summary>How long the mail waits for an undo.</summary>
    public const int UndoSeconds = 10;

    private sealed record Mail(long Id, bool IsResend, string State, DateTimeOffset DueAt, DateTimeOffset? SentAt, bool IsFresh);
}
