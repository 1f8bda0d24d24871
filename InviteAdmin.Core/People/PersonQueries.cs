using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Waitlist;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>Reads of single people, and the search that finds them by email, name or code.</summary>
public sealed class PersonQueries(NpgsqlDataSource source, WaitlistQueries waitlist)
{
    private const int MostFound = 20;

    /// <param name="id">The public id of an entry or of a member.</param>
    public async Task<PersonFacts?> Find(string id, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var keys = (await connection.Query(
            """
            SELECT e.id, e.public_id, m.id FROM waitlist_entries e FULL JOIN members m ON m.entry_id = e.id
            WHERE e.id = (SELECT id FROM waitlist_entries WHERE public_id = $1) OR m.id = (SELECT id FROM members WHERE public_id = $1)
            """,
            row => (Entry: row.IsDBNull(0) ? -1 : row.GetInt64(0), EntryId: row.Text(1), Member: row.IsDBNull(2) ? -1 : row.GetInt64(2)), cancel, id)).FirstOrDefault();
        if (keys == default)
        {
            return null;
        }

        var entry = keys.EntryId is null ? null : await waitlist.Person(keys.EntryId, cancel);
        var member = (await connection.Query(
            """
            SELECT m.public_id, m.email, m.name, m.tier, m.credited_referrals, m.registered_at, k.kind, r.name, r.public_id FROM members m
            JOIN redemptions d ON d.member_id = m.id JOIN invite_codes k ON k.id = d.code_id
            LEFT JOIN referrals f ON f.referred_member_id = m.id LEFT JOIN members r ON r.id = f.referrer_member_id WHERE m.id = $1
            """,
            row => new MemberFacts(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetFieldValue<DateTimeOffset>(5), row.GetString(6), row.Text(7), row.Text(8)),
            cancel, keys.Member)).FirstOrDefault();
        var codes = await connection.Query(
            """
            SELECT k.shown, k.kind, CASE WHEN k.used_count >= k.max_uses THEN 'used' WHEN k.lapsed_at IS NOT NULL THEN 'lapsed' WHEN k.status = 'revoked' THEN 'revoked'
                WHEN k.expires_at <= now() THEN 'expired' ELSE 'active' END, k.used_count, k.max_uses, k.created_at, k.expires_at, (SELECT max(redeemed_at) FROM redemptions d WHERE d.code_id = k.id)
            FROM invite_codes k WHERE k.entry_id = $1 OR k.owner_member_id = $2 ORDER BY k.id DESC LIMIT 100
            """,
            row => new HeldCode(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.GetFieldValue<DateTimeOffset>(5), row.Time(6), row.Time(7)),
            cancel, keys.Entry, keys.Member);
        var mails = await connection.Query(
            "SELECT id, template, state, coalesce(sent_at, created_at), last_error FROM outbox WHERE kind = 'mail' AND (entry_id = $1 OR member_id = $2) ORDER BY id DESC LIMIT 50",
            row => new PersonMail(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), row.Text(4)), cancel, keys.Entry, keys.Member);
        var ledger = await connection.Query(
            """
            SELECT l.created_at, l.points, l.kind, s.name, o.name, l.note FROM points_ledger l
            LEFT JOIN waitlist_entries o ON o.id = CASE WHEN l.kind IN ('brought', 'arrived') AND l.cause ~ '^entry:[0-9]{1,18}$' THEN substr(l.cause, 7)::bigint END
            LEFT JOIN waitlist_entries e ON e.id = l.entry_id LEFT JOIN sources s ON s.id = e.source_id WHERE l.entry_id = $1 ORDER BY l.id DESC LIMIT 100
            """,
            row => new LedgerLine(row.GetFieldValue<DateTimeOffset>(0), row.GetInt32(1), Words(row.GetString(2), row.Text(3), row.Text(4), row.Text(5))), cancel, keys.Entry);
        var brought = await connection.Query(
            """
            (SELECT e.public_id, e.name, e.status FROM waitlist_entries e WHERE e.referred_by_id = $1 ORDER BY e.id DESC LIMIT 50)
            UNION ALL
            (SELECT m.public_id, m.name, 'registered' FROM referrals f JOIN members m ON m.id = f.referred_member_id
              WHERE f.referrer_member_id = $2 AND NOT EXISTS (SELECT 1 FROM waitlist_entries e WHERE e.id = m.entry_id AND e.referred_by_id = $1) ORDER BY f.id DESC LIMIT 50)
            """,
            row => new Brought(row.GetString(0), row.GetString(1), row.GetString(2)), cancel, keys.Entry, keys.Member);
        return new PersonFacts(entry, member, codes, mails, ledger, brought);
    }

    /// <summary>What fits: a code or an email exactly, otherwise parts of emails and names.</summary>
    public async Task<IReadOnlyList<Found>> Search(string text, CancellationToken cancel)
    {
        var sought = text.Trim();
        if (sought.Length is 0 or > 320 || !PlainText.IsClean(sought))
        {
            return [];
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        if (EmailAddress.TryParse(sought, out var email, out _))
        {
            return await People(connection, "e.canonical_email = $1", "m.canonical_email = $1", email.Canonical, cancel);
        }

        var canonical = CodeText.Canonical(sought);
        var codes = canonical.Length < 4 ? [] : await connection.Query(
            "SELECT shown, kind, status FROM invite_codes WHERE code = $1",
            row => new Found("code", row.GetString(0), row.GetString(0), $"{row.GetString(1)} code", row.GetString(2)), cancel, canonical);
        if (codes.Count > 0)
        {
            return codes;
        }

        var part = $"%{sought.ToLowerInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
        return await People(connection, "e.email LIKE $1 OR lower(e.name) LIKE $1", "m.email LIKE $1 OR lower(m.name) LIKE $1", part, cancel);
    }

    // A member who was on the list is found once, as a member.
    private static async Task<IReadOnlyList<Found>> People(NpgsqlConnection connection, string entryFits, string memberFits, string value, CancellationToken cancel) =>
        await connection.Query(
            $"""
            (SELECT 'member', m.public_id, m.name, m.email, 'registered' FROM members m WHERE {memberFits} LIMIT {MostFound})
            UNION ALL
            (SELECT 'entry', e.public_id, e.name, e.email, coalesce(e.hold, e.status) FROM waitlist_entries e WHERE ({entryFits}) AND e.status <> 'registered' LIMIT {MostFound})
            LIMIT {MostFound}
            """,
            row => new Found(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4)), cancel, value);

    private static string Words(string kind, string? source, string? other, string? note) => kind switch
    {
        "arrived" => $"Came through the link of {other ?? "somebody who has left"}",
        "brought" => $"Brought {other ?? "somebody who has left"}",
        "source" => $"Came from {source ?? "a source"}",
        "reversal" => $"Taken back{(note is null ? "" : $": {note}")}",
        _ => $"Given by staff{(note is null ? "" : $": {note}")}",
    };
}
