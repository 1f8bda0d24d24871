using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>The rows behind one person: keys of their entry and member, −1 for what they are not, and their addresses, by which a VIP code is theirs.</summary>
internal sealed record PersonKeys(long Entry, string? EntryId, long Member, string? MemberId, string[] Emails)
{
    /// <param name="id">The public id of an entry or of a member.</param>
    public static async Task<PersonKeys?> Of(NpgsqlConnection connection, string? id, CancellationToken cancel) =>
        id is not { Length: > 0 and <= 100 } || !PlainText.IsClean(id) ? null : (await connection.Query(
            """
            SELECT coalesce(e.id, -1), e.public_id, coalesce(m.id, -1), m.public_id, array_remove(ARRAY[e.email, m.email], NULL)
            FROM (SELECT id AS entry_id, NULL::bigint AS member_id FROM waitlist_entries WHERE public_id = $1
                  UNION ALL SELECT entry_id, id FROM members WHERE public_id = $1) k
            LEFT JOIN waitlist_entries e ON e.id = k.entry_id
            LEFT JOIN members m ON m.id = coalesce(k.member_id, (SELECT x.id FROM members x WHERE x.entry_id = k.entry_id))
            """,
            row => new PersonKeys(row.GetInt64(0), row.Text(1), row.GetInt64(2), row.Text(3), row.GetFieldValue<string[]>(4)), cancel, id)).FirstOrDefault();
}
