using InviteAdmin.Access;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>Somebody who used a code.</summary>
public sealed record CodeUse(string MemberId, string Name, string Email, DateTimeOffset At);

/// <summary>Refused attempts of one hour for one reason: expired, revoked, exhausted or email-registered.</summary>
public sealed record CodeRefusal(DateTimeOffset Hour, string Reason, long Attempts, DateTimeOffset LastAt);

/// <summary>A code as staff see it. State: active, exhausted, expired, lapsed or revoked. <c>UndoUntil</c> is set while its revocation can be taken back.</summary>
public sealed record CodeDetail(
    string Code, string Link, string Kind, string State, string? Tier, int Used, int MaxUses, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, string? RevokedBy, string? RevokedReason,
    string? PersonId, string? Person, string? PersonEmail, string? Campaign, string? CampaignSlug, int? Cohort, DateTimeOffset? UndoUntil, long Refused)
{
    /// <summary>Uses that revoking it would end.</summary>
    public int UsesLeft => MaxUses - Used;
}

/// <summary>The reads behind a code's page.</summary>
public sealed class CodePageQueries(NpgsqlDataSource source, Links links)
{
    public const int PageSize = 50;

    /// <summary>Nobody pages past this.</summary>
    public const int LastPage = 2_000;

    private const int MostRefusals = 50;

    public async Task<CodeDetail?> Find(string code, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            $"""
            SELECT k.shown, k.kind, {CodeListQueries.State}, k.tier, k.used_count, k.max_uses, k.created_at, k.expires_at, k.revoked_at, coalesce(k.revoked_by, r.revoked_by), k.revoked_reason,
              coalesce(e.public_id, m.public_id), coalesce(e.name, m.name, k.person_name), k.person_email, p.name, p.slug, c.number,
              CASE WHEN k.status = 'revoked' AND r.code_id = k.id AND r.undone_at IS NULL AND r.undo_until > clock_timestamp() THEN r.undo_until END,
              (SELECT coalesce(sum(a.attempts), 0)::bigint FROM code_attempts a WHERE a.code_id = k.id)
            FROM invite_codes k LEFT JOIN waitlist_entries e ON e.id = k.entry_id LEFT JOIN members m ON m.id = k.owner_member_id
            LEFT JOIN campaigns p ON p.id = k.campaign_id LEFT JOIN cohorts c ON c.id = k.cohort_id LEFT JOIN code_revocations r ON r.id = k.revocation_id WHERE k.code = $1
            """,
            row => new CodeDetail(row.GetString(0), links.Signup(row.GetString(0)), row.GetString(1), row.GetString(2), row.Text(3), row.GetInt32(4), row.GetInt32(5), row.GetFieldValue<DateTimeOffset>(6), row.Time(7),
                row.Time(8), row.Text(9), row.Text(10), row.Text(11), row.Text(12), row.Text(13), row.Text(14), row.Text(15), row.IsDBNull(16) ? null : row.GetInt32(16), row.Time(17), row.GetInt64(18)),
            cancel, CodeText.Canonical(code))).FirstOrDefault();
    }

    /// <summary>Who used it, the latest first; page 1 is the first.</summary>
    public async Task<IReadOnlyList<CodeUse>> Uses(string code, int page, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            """
            WITH page AS MATERIALIZED (
              SELECT d.id, d.member_id, d.redeemed_at FROM redemptions d WHERE d.code_id = (SELECT id FROM invite_codes WHERE code = $1) ORDER BY d.id DESC OFFSET $2 LIMIT $3)
            SELECT m.public_id, m.name, m.email, d.redeemed_at FROM page d JOIN members m ON m.id = d.member_id ORDER BY d.id DESC
            """,
            row => new CodeUse(row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3)), cancel, CodeText.Canonical(code), (Math.Clamp(page, 1, LastPage) - 1) * PageSize, PageSize);
    }

    /// <summary>Refused attempts by hour and reason, the latest first.</summary>
    public async Task<IReadOnlyList<CodeRefusal>> Refusals(string code, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            "SELECT hour, reason, attempts, last_at FROM code_attempts WHERE code_id = (SELECT id FROM invite_codes WHERE code = $1) ORDER BY hour DESC, reason LIMIT $2",
            row => new CodeRefusal(row.GetFieldValue<DateTimeOffset>(0), row.GetString(1), row.GetInt64(2), row.GetFieldValue<DateTimeOffset>(3)), cancel, CodeText.Canonical(code), MostRefusals);
    }
}
