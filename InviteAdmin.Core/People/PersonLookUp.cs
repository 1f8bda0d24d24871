using System.Globalization;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>Where a page of people ended: whether at a member, and their key.</summary>
public sealed record PersonPlace(bool Member, long Key);

/// <summary>Finds people by email, public id, code or the beginning of a name, in pages by key: what is written between two pages moves nobody from one to the other.</summary>
public sealed class PersonLookUp(NpgsqlDataSource source)
{
    /// <param name="after">The place the page before ended at.</param>
    /// <returns>Entries that are no members first, each in the order they came; and the place of the last, when there are more.</returns>
    public async Task<(IReadOnlyList<PeopleRow> Rows, PersonPlace? Next)> Find(Sought sought, PersonPlace? after, int limit, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        if (sought.Emails.Count > 0)
        {
            return await Find(connection, "e.canonical_email = ANY($1)", "m.canonical_email = ANY($1)", sought.Emails.ToArray(), after, limit, cancel);
        }

        if (sought.Id is not null)
        {
            return await Find(connection, "e.public_id = $1", "m.public_id = $1", sought.Id, after, limit, cancel);
        }

        // Whom it was made for, who gives it away, and who used it.
        if (sought.Code is not null && await connection.Scalar<long>("SELECT id FROM invite_codes WHERE code = $1", cancel, sought.Code) is > 0 and var code)
        {
            return await Find(connection, "e.id = (SELECT entry_id FROM invite_codes WHERE id = $1)",
                "m.id = (SELECT owner_member_id FROM invite_codes WHERE id = $1) OR m.id IN (SELECT member_id FROM redemptions WHERE code_id = $1)", code, after, limit, cancel);
        }

        return await Find(connection, "lower(e.name) LIKE $1", "lower(m.name) LIKE $1", $"{LikeText.Escape(sought.Text)}%", after, limit, cancel);
    }

    private static async Task<(IReadOnlyList<PeopleRow>, PersonPlace?)> Find(NpgsqlConnection connection, string entryFits, string memberFits, object value, PersonPlace? after, int limit, CancellationToken cancel)
    {
        var rows = await connection.Query(
            string.Create(CultureInfo.InvariantCulture,
                $"""
                WITH p AS MATERIALIZED (
                  SELECT member, id FROM (
                    SELECT m.id IS NOT NULL AS member, coalesce(m.id, e.id) AS id FROM waitlist_entries e LEFT JOIN members m ON m.entry_id = e.id WHERE {entryFits}
                    UNION SELECT true, m.id FROM members m WHERE {memberFits}) x
                  WHERE (member, id) > ($2, $3) ORDER BY member, id LIMIT {limit + 1})
                {PeopleSql.Columns}, p.id FROM p {PeopleSql.Joins} ORDER BY p.member, p.id
                """),
            row => (Row: PeopleQueries.Read(row), Place: new PersonPlace(row.GetBoolean(1), row.GetInt64(10))), cancel, value, after?.Member ?? false, after?.Key ?? 0);
        return ([.. rows.Take(limit).Select(r => r.Row)], rows.Count > limit ? rows[limit - 1].Place : null);
    }
}
