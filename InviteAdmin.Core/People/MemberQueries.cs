using InviteAdmin.Data;
using InviteAdmin.Invites;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>A member with what they did: referrals credited to them, and their personal codes given, used and still open.</summary>
public sealed record MemberCounts(
    string UserId, string Email, string Name, string Tier, DateTimeOffset RegisteredAt, string? InvitedBy, int Referrals, long CodesGiven, long CodesUsed, long CodesOpen);

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

    public async Task<MemberCounts?> ById(string userId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            """
            SELECT m.public_id, m.email, m.name, m.tier, m.registered_at, b.public_id, m.credited_referrals, c.given, c.used, c.open
            FROM members m LEFT JOIN referrals r ON r.referred_member_id = m.id LEFT JOIN members b ON b.id = r.referrer_member_id
            CROSS JOIN LATERAL (
              SELECT count(*) AS given, count(*) FILTER (WHERE k.used_count > 0) AS used,
                count(*) FILTER (WHERE k.status = 'active' AND k.used_count < k.max_uses AND (k.expires_at IS NULL OR k.expires_at > now())) AS open
              FROM invite_codes k WHERE k.owner_member_id = m.id) c
            WHERE m.public_id = $1
            """,
            row => new MemberCounts(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4), row.Text(5), row.GetInt32(6),
                row.GetInt64(7), row.GetInt64(8), row.GetInt64(9)), cancel, userId)).FirstOrDefault();
    }
}
