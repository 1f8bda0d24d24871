using InviteAdmin.Access;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Campaigns;

/// <summary>
/// A campaign as staff see it. <c>Minted</c> falls short of <c>Codes</c> while it is being minted; <c>CodesUsed</c> were used at least once, <c>Registered</c> people came in by them;
/// <c>OpenCodes</c> and <c>OpenUses</c> can still be used, <c>UnusedUses</c> is what revoking would end, expired codes included. <c>UndoUntil</c> is set while a revocation can be taken back.
/// </summary>
public sealed record CampaignDetail(
    string Slug, string Name, string? Prefix, string? Word, string? Tier, int Codes, int MaxUsesEach, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt, string CreatedBy,
    long Minted, long CodesUsed, long Registered, long OpenCodes, long OpenUses, long UnusedUses, long RevokedCodes, DateTimeOffset? UndoUntil, string? RevokedBy, string? RevokedReason);

/// <summary>One code of a campaign with its sign-up link.</summary>
public sealed record CampaignCodeLink(string Code, string Link, int Used, int MaxUses, string State);

/// <summary>How many registered by a campaign's codes on a day.</summary>
public sealed record CampaignDay(DateOnly Day, long Registered);

/// <summary>The reads behind a campaign's page. They follow the campaign's own codes, of which there are a hundred thousand at most.</summary>
public sealed class CampaignPageQueries(NpgsqlDataSource source, Links links, RecentCounts counts)
{
    public async Task<CampaignDetail?> Find(string slug, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            """
            SELECT p.slug, p.name, p.prefix, p.word, p.tier, p.codes, p.max_uses_each, p.expires_at, p.created_at, p.created_by, n.minted, n.used, n.registered, n.open, n.open_uses, n.unused, n.revoked,
              CASE WHEN r.undone_at IS NULL AND r.undo_until > clock_timestamp() THEN r.undo_until END, CASE WHEN r.undone_at IS NULL THEN r.revoked_by END, CASE WHEN r.undone_at IS NULL THEN r.reason END
            FROM campaigns p
            CROSS JOIN LATERAL (
              SELECT count(*) AS minted, count(*) FILTER (WHERE k.used_count > 0) AS used, coalesce(sum(k.used_count), 0)::bigint AS registered,
                count(*) FILTER (WHERE k.status = 'active' AND k.used_count < k.max_uses AND (k.expires_at IS NULL OR k.expires_at > now())) AS open,
                coalesce(sum(k.max_uses - k.used_count) FILTER (WHERE k.status = 'active' AND (k.expires_at IS NULL OR k.expires_at > now())), 0)::bigint AS open_uses,
                coalesce(sum(k.max_uses - k.used_count) FILTER (WHERE k.status = 'active'), 0)::bigint AS unused, count(*) FILTER (WHERE k.status = 'revoked') AS revoked
              FROM invite_codes k WHERE k.campaign_id = p.id) n
            LEFT JOIN LATERAL (SELECT * FROM code_revocations v WHERE v.campaign_id = p.id ORDER BY v.id DESC LIMIT 1) r ON true
            WHERE p.slug = $1
            """,
            row => new CampaignDetail(row.GetString(0), row.GetString(1), row.Text(2), row.Text(3), row.Text(4), row.GetInt32(5), row.GetInt32(6), row.Time(7), row.GetFieldValue<DateTimeOffset>(8), row.GetString(9),
                row.GetInt64(10), row.GetInt64(11), row.GetInt64(12), row.GetInt64(13), row.GetInt64(14), row.GetInt64(15), row.GetInt64(16), row.Time(17), row.Text(18), row.Text(19)),
            cancel, slug)).FirstOrDefault();
    }

    /// <summary>The first codes of a campaign, in the order they were minted.</summary>
    public async Task<IReadOnlyList<CampaignCodeLink>> FirstCodes(string slug, int most, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            $"SELECT k.shown, k.used_count, k.max_uses, {Invites.CodeListQueries.State} FROM invite_codes k WHERE k.campaign_id = (SELECT id FROM campaigns WHERE slug = $1) ORDER BY k.id LIMIT $2",
            row => new CampaignCodeLink(row.GetString(0), links.Signup(row.GetString(0)), row.GetInt32(1), row.GetInt32(2), row.GetString(3)), cancel, slug, most);
    }

    /// <summary>How many of those who registered have brought somebody since. Read again after some seconds at most.</summary>
    public Task<long> BroughtOthers(string slug, CancellationToken cancel) => counts.Of(("brought", slug), async () =>
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<long>(
            """
            SELECT count(*) FROM invite_codes k JOIN redemptions d ON d.code_id = k.id JOIN members m ON m.id = d.member_id
            WHERE k.campaign_id = (SELECT id FROM campaigns WHERE slug = $1) AND k.used_count > 0 AND m.credited_referrals > 0
            """, cancel, slug);
    });

    /// <summary>Registrations for each local day of the span, today last. Read again after some seconds at most.</summary>
    public Task<IReadOnlyList<CampaignDay>> ByDay(string slug, DateOnly from, DateOnly to, TimeZoneInfo zone, CancellationToken cancel) => counts.Of(("days", slug, from, to, zone.Id), async () =>
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        IReadOnlyList<CampaignDay> days = await connection.Query(
            """
            WITH span AS (SELECT $2::date::timestamp AT TIME ZONE $4 AS first, ($3::date + 1)::timestamp AT TIME ZONE $4 AS last),
            registered AS (
              SELECT (d.redeemed_at AT TIME ZONE $4)::date AS day, count(*) AS n FROM invite_codes k JOIN redemptions d ON d.code_id = k.id, span
              WHERE k.campaign_id = (SELECT id FROM campaigns WHERE slug = $1) AND k.used_count > 0 AND d.redeemed_at >= first AND d.redeemed_at < last GROUP BY 1)
            SELECT g::date, coalesce(r.n, 0) FROM generate_series($2::date, $3::date, interval '1 day') g LEFT JOIN registered r ON r.day = g::date ORDER BY 1
            """,
            row => new CampaignDay(row.GetFieldValue<DateOnly>(0), row.GetInt64(1)), cancel, slug, from, to, zone.Id);
        return days;
    });
}
