using InviteAdmin.Data;
using InviteAdmin.Invites;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>Reads of members.</summary>
public sealed class MemberQueries(NpgsqlDataSource source)
{
    /// <summary>A member's name and personal codes, oldest first; null for an unknown id.</summary>
    public async Task<(string Name, IReadOnlyList<GivenCode> Codes)?> WithCodes(string userId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query(
            "SELECT m.name, c.shown, c.expires_at FROM members m LEFT JOIN invite_codes c ON c.owner_member_id = m.id AND c.kind = 'personal' WHERE m.public_id = $1 ORDER BY c.id LIMIT 100",
            row => (Name: row.GetString(0), Code: row.Text(1), Expires: row.Time(2)), cancel, userId);
        return rows.Count == 0 ? null : (rows[0].Name, [.. rows.Where(r => r.Code is not null).Select(r => new GivenCode(r.Code!, r.Expires))]);
    }
}
