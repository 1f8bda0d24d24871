using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>Somebody who used a code.</summary>
public sealed record CodeUse(string MemberId, string Name, string Email, DateTimeOffset At);

/// <summary>A code as staff see it. State: active, exhausted, expired, lapsed or revoked.</summary>
public sealed record CodeDetail(
    string Code, string Kind, string State, string? Tier, int Used, int MaxUses, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, string? RevokedBy, string? RevokedReason,
    string? PersonId, string? Person, string? Campaign, string? CampaignSlug, int? Cohort, IReadOnlyList<CodeUse> Uses);

/// <summary>The read behind a code's page.</summary>
public sealed class CodePageQueries(NpgsqlDataSource source)
{
    private const int MostUses = 50;

    public async Task<CodeDetail?> Find(string code, CancellationToken cancel)
    {
        var canonical = CodeText.Canonical(code);
        await using var connection = await source.OpenConnectionAsync(cancel);
        var found = (await connection.Query(
            """
            SELECT k.id, k.shown, k.kind, CASE WHEN k.lapsed_at IS NOT NULL AND k.used_count = 0 THEN 'lapsed' WHEN k.status = 'revoked' THEN 'revoked' WHEN k.used_count >= k.max_uses THEN 'exhausted'
                WHEN k.expires_at <= now() THEN 'expired' ELSE 'active' END, k.tier, k.used_count, k.max_uses, k.created_at, k.expires_at, k.revoked_at, k.revoked_by, k.revoked_reason,
              coalesce(e.public_id, m.public_id), coalesce(e.name, m.name, k.person_name), p.name, p.slug, c.number
            FROM invite_codes k LEFT JOIN waitlist_entries e ON e.id = k.entry_id LEFT JOIN members m ON m.id = k.owner_member_id
            LEFT JOIN campaigns p ON p.id = k.campaign_id LEFT JOIN cohorts c ON c.id = k.cohort_id WHERE k.code = $1
            """,
            row => (Id: row.GetInt64(0), Code: new CodeDetail(row.GetString(1), row.GetString(2), row.GetString(3), row.Text(4), row.GetInt32(5), row.GetInt32(6), row.GetFieldValue<DateTimeOffset>(7), row.Time(8),
                row.Time(9), row.Text(10), row.Text(11), row.Text(12), row.Text(13), row.Text(14), row.Text(15), row.IsDBNull(16) ? null : row.GetInt32(16), [])), cancel, canonical)).FirstOrDefault();
        return found.Code is null ? null : found.Code with
        {
            Uses = await connection.Query(
                $"SELECT m.public_id, m.name, m.email, d.redeemed_at FROM redemptions d JOIN members m ON m.id = d.member_id WHERE d.code_id = $1 ORDER BY d.id DESC LIMIT {MostUses}",
                row => new CodeUse(row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3)), cancel, found.Id),
        };
    }
}
