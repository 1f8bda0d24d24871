using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Referrals;
using InviteAdmin.Waitlist;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>Reads of single people, and the search that finds them by email, name, id or code.</summary>
public sealed class PersonQueries(NpgsqlDataSource source, WaitlistQueries waitlist, PeopleQueries people)
{
    private const int MostFound = 20;

    /// <param name="id">The public id of an entry or of a member.</param>
    public async Task<PersonFacts?> Find(string id, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        if (await PersonKeys.Of(connection, id, cancel) is not { } keys)
        {
            return null;
        }

        var entry = keys.EntryId is null ? null : await waitlist.Person(keys.EntryId, cancel);
        var member = (await connection.Query(
            $"""
            SELECT m.public_id, m.email, m.name, m.tier, m.credited_referrals, m.registered_at, coalesce(k.kind, 'personal'), r.name, r.public_id, c.name, k.shown,
              {RewardFacts.Columns}
            FROM members m
            LEFT JOIN redemptions d ON d.member_id = m.id LEFT JOIN invite_codes k ON k.id = d.code_id LEFT JOIN campaigns c ON c.id = k.campaign_id
            LEFT JOIN referrals f ON f.referred_member_id = m.id LEFT JOIN members r ON r.id = f.referrer_member_id
            {RewardFacts.Join} WHERE m.id = $1
            """,
            row => new MemberFacts(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetFieldValue<DateTimeOffset>(5), row.GetString(6), row.Text(7), row.Text(8), row.Text(9), row.Text(10))
            {
                Reward = RewardFacts.Read(row, 11),
            },
            cancel, keys.Member)).FirstOrDefault();
        var codes = await connection.Query(
            """
            SELECT k.shown, k.kind, CASE WHEN k.used_count >= k.max_uses THEN 'used' WHEN k.lapsed_at IS NOT NULL THEN 'lapsed' WHEN k.status = 'revoked' THEN 'revoked'
                WHEN k.expires_at <= now() THEN 'expired' ELSE 'active' END, k.used_count, k.max_uses, k.created_at, k.expires_at, (SELECT max(redeemed_at) FROM redemptions d WHERE d.code_id = k.id),
              k.revoked_at, k.revoked_by, k.revoked_reason
            FROM invite_codes k WHERE k.entry_id = $1 OR k.owner_member_id = $2 OR k.person_email = ANY($3) ORDER BY k.id DESC LIMIT 100
            """,
            row => new HeldCode(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.GetFieldValue<DateTimeOffset>(5), row.Time(6), row.Time(7), row.Time(8), row.Text(9), row.Text(10)),
            cancel, keys.Entry, keys.Member, keys.Emails);
        var mails = await connection.Query(
            """
            SELECT o.id, o.template, o.state, coalesce(o.sent_at, o.created_at), o.last_error, o.due_at, o.attempts, k.shown, o.dedupe_key LIKE 'resend:%'
            FROM outbox o LEFT JOIN invite_codes k ON k.id = o.code_id WHERE o.kind = 'mail' AND (o.entry_id = $1 OR o.member_id = $2) ORDER BY o.id DESC LIMIT 50
            """,
            row => new PersonMail(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), row.Text(4), row.GetFieldValue<DateTimeOffset>(5), row.GetInt32(6), row.Text(7), row.GetBoolean(8)),
            cancel, keys.Entry, keys.Member);
        var ledger = await connection.Query(
            """
            SELECT l.id, l.created_at, l.points, l.kind, s.name, o.name, l.note,
              l.kind = 'staff' AND NOT EXISTS (SELECT 1 FROM points_ledger v WHERE v.reverses_id = l.id) FROM points_ledger l
            LEFT JOIN waitlist_entries o ON o.id = CASE WHEN l.kind IN ('brought', 'arrived') AND l.cause ~ '^entry:[0-9]{1,18}$' THEN substr(l.cause, 7)::bigint END
            LEFT JOIN waitlist_entries e ON e.id = l.entry_id LEFT JOIN sources s ON s.id = e.source_id WHERE l.entry_id = $1 ORDER BY l.id DESC LIMIT 100
            """,
            row => new LedgerLine(row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetInt32(2), Words(row.GetString(3), row.Text(4), row.Text(5), row.Text(6)), row.GetBoolean(7)), cancel, keys.Entry);
        var brought = await connection.Query(
            """
            (SELECT e.public_id, e.name, e.status FROM waitlist_entries e WHERE e.referred_by_id = $1 ORDER BY e.id DESC LIMIT 50)
            UNION ALL
            (SELECT m.public_id, m.name, 'registered' FROM referrals f JOIN members m ON m.id = f.referred_member_id
              WHERE f.referrer_member_id = $2 AND NOT EXISTS (SELECT 1 FROM waitlist_entries e WHERE e.id = m.entry_id AND e.referred_by_id = $1) ORDER BY f.id DESC LIMIT 50)
            """,
            row => new Brought(row.GetString(0), row.GetString(1), row.GetString(2)), cancel, keys.Entry, keys.Member);
        return new PersonFacts(entry, member, codes, mails, ledger, brought)
        {
            Story = keys.EntryId is null ? null : await Story(connection, keys, cancel),
            Notes = await connection.Query(
                "SELECT id, text, author_id, author_name, created_at FROM notes WHERE entry_id = $1 OR member_id = $2 ORDER BY id DESC LIMIT 50",
                row => new PersonNote(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4)), cancel, keys.Entry, keys.Member),
        };
    }

    /// <summary>What fits, for the search box of the frame: a code or a person exactly, otherwise people by name or a part of it.</summary>
    public async Task<IReadOnlyList<Found>> Search(string text, CancellationToken cancel)
    {
        var found = await people.Page(new PeopleFilter(Search: text), PeopleSort.Newest, 1, cancel);
        if (found.Code is not { } code)
        {
            return [.. found.Rows.Take(MostFound).Select(r => new Found(r.IsMember ? "member" : "entry", r.Id, r.Name, r.Email, r.State))];
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            "SELECT shown, kind, status FROM invite_codes WHERE code = $1",
            row => new Found("code", row.GetString(0), row.GetString(0), $"{row.GetString(1)} code", row.GetString(2)), cancel, CodeText.Canonical(code));
    }

    // Who put it where it is stands in the record of staff actions, by the index of its target.
    private static async Task<EntryStory> Story(NpgsqlConnection connection, PersonKeys keys, CancellationToken cancel) => (await connection.Query(
        """
        SELECT e.lapses, e.confirm_expires_at, e.declined_at, a.actor_name, coalesce(a.reason, e.hold_reason), a.at, c.public_id, c.undo_until
        FROM waitlist_entries e
        LEFT JOIN LATERAL (
          SELECT actor_name, reason, at FROM audit_log WHERE target_kind = 'entry' AND target_id = e.public_id
            AND action = CASE WHEN e.status = 'declined' THEN 'entry.declined' WHEN e.hold = 'excluded' THEN 'entry.excluded' END ORDER BY id DESC LIMIT 1) a ON true
        LEFT JOIN cohorts c ON c.id = e.cohort_id AND e.status = 'invited' AND c.state = 'released' AND c.invited = 1 AND c.undo_until > now()
        WHERE e.id = $1
        """,
        row => new EntryStory(row.GetInt32(0), row.Time(1), row.Time(2), row.Text(3), row.Text(4), row.Time(5), row.Text(6), row.Time(7)), cancel, keys.Entry))[0];

    private static string Words(string kind, string? source, string? other, string? note) => kind switch
    {
        "arrived" => $"Came through the link of {other ?? "somebody who has left"}",
        "brought" => $"Brought {other ?? "somebody who has left"}",
        "source" => $"Came from {source ?? "a source"}",
        "rules" => "Counted again by new rules",
        "reversal" => $"Taken back{(note is null ? "" : $": {note}")}",
        _ => $"Given by staff{(note is null ? "" : $": {note}")}",
    };
}
