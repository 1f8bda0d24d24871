using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Campaigns;

/// <summary>A campaign in the list. <c>Open</c> counts codes that can still be used.</summary>
public sealed record CampaignRow(
    string Slug, string Name, int Codes, int MaxUsesEach, string? Tier, long Used, long Open, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt, string? FirstCode);

/// <summary>The read behind the campaigns' page.</summary>
public sealed class CampaignListQueries(NpgsqlDataSource source)
{
    /// <summary>Newest first; <paramref name="page"/> 1 is the first, of <paramref name="size"/> and one more to see whether another follows.</summary>
    public async Task<IReadOnlyList<CampaignRow>> List(int page, int size, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            """
            SELECT p.slug, p.name, p.codes, p.max_uses_each, p.tier, n.used, n.open, p.created_at, p.created_by, p.expires_at, n.first
            FROM (SELECT * FROM campaigns ORDER BY id DESC OFFSET $1 LIMIT $2) p
            LEFT JOIN LATERAL (
              SELECT coalesce(sum(k.used_count), 0)::bigint AS used,
                count(*) FILTER (WHERE k.status = 'active' AND k.used_count < k.max_uses AND (k.expires_at IS NULL OR k.expires_at > now())) AS open, min(k.shown) AS first
              FROM invite_codes k WHERE k.campaign_id = p.id) n ON true ORDER BY p.id DESC
            """,
            row => new CampaignRow(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.Text(4), row.GetInt64(5), row.GetInt64(6),
                row.GetFieldValue<DateTimeOffset>(7), row.GetString(8), row.Time(9), row.Text(10)),
            cancel, (page - 1) * size, size + 1);
    }
}
