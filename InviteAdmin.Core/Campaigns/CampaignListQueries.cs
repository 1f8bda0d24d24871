using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Campaigns;

/// <summary>A campaign in the list. <c>Used</c> and <c>Open</c> (codes that can still be used) are null until they are counted.</summary>
public sealed record CampaignRow(
    string Slug, string Name, int Codes, int MaxUsesEach, string? Tier, long? Used, long? Open, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt, string? FirstCode);

/// <summary>The read behind the campaigns' page.</summary>
public sealed class CampaignListQueries(NpgsqlDataSource source, RecentCounts counts)
{
    /// <summary>Counting the uses of more codes than this takes longer than a page may.</summary>
    public const int MostAtOnce = 50_000;

    /// <summary>Newest first; <paramref name="page"/> 1 is the first, of <paramref name="size"/> and one more to see whether another follows.</summary>
    /// <param name="whole">Count the uses however many codes the page has; otherwise they are left out where that would take long.</param>
    public async Task<IReadOnlyList<CampaignRow>> List(int page, int size, bool whole, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var found = await connection.Query(
            """
            SELECT p.id, p.slug, p.name, p.codes, p.max_uses_each, p.tier, p.created_at, p.created_by, p.expires_at, (SELECT k.shown FROM invite_codes k WHERE k.campaign_id = p.id ORDER BY k.id LIMIT 1)
            FROM campaigns p ORDER BY p.id DESC OFFSET $1 LIMIT $2
            """,
            row => (Id: row.GetInt64(0), Row: new CampaignRow(row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.Text(5), null, null,
                row.GetFieldValue<DateTimeOffset>(6), row.GetString(7), row.Time(8), row.Text(9))),
            cancel, (page - 1) * size, size + 1);
        var ids = found.Select(f => f.Id).ToArray();
        var codes = found.Sum(f => (long)f.Row.Codes);
        if (codes > MostAtOnce && !whole)
        {
            return [.. found.Select(f => f.Row)];
        }

        var uses = codes > MostAtOnce ? await counts.Of(("campaigns", string.Join(',', ids)), () => Uses(ids, cancel)) : await Uses(ids, cancel);
        return [.. found.Select(f => uses.TryGetValue(f.Id, out var n) ? f.Row with { Used = n.Used, Open = n.Open } : f.Row with { Used = 0, Open = 0 })];
    }

    private async Task<Dictionary<long, (long Used, long Open)>> Uses(long[] ids, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            """
            SELECT k.campaign_id, coalesce(sum(k.used_count), 0)::bigint, count(*) FILTER (WHERE k.status = 'active' AND k.used_count < k.max_uses AND (k.expires_at IS NULL OR k.expires_at > now()))
            FROM invite_codes k WHERE k.campaign_id = ANY($1) GROUP BY 1
            """,
            row => (Id: row.GetInt64(0), Used: row.GetInt64(1), Open: row.GetInt64(2)), cancel, ids)).ToDictionary(n => n.Id, n => (n.Used, n.Open));
    }
}
