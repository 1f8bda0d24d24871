using InviteAdmin.Access;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>A source with its link and how many came by it, counted up to <see cref="SourceQueries.MostCounted"/>.</summary>
/// <param name="Version">The row's, for an edit to name.</param>
/// <param name="ChangedBy">Who changed it last, when somebody did.</param>
public sealed record SourceRow(long Id, string Name, string Slug, string Link, int Points, DateTimeOffset? RetiredAt, long People, uint Version, string? ChangedBy, DateTimeOffset? ChangedAt);

/// <summary>Reads of the places people come from.</summary>
public sealed class SourceQueries(NpgsqlDataSource source, Links links)
{
    /// <summary>Where counting ends, and a plus begins.</summary>
    public const long MostCounted = 10_000;

    private const int Most = 500;

    /// <summary>Those in use first, by name.</summary>
    public async Task<IReadOnlyList<SourceRow>> All(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            $"""
            SELECT s.id, s.name, s.slug, s.points, s.retired_at, p.people, s.xmin, a.actor_name, a.at
            FROM sources s
            CROSS JOIN LATERAL (SELECT count(*) AS people FROM (SELECT 1 FROM waitlist_entries e WHERE e.source_id = s.id LIMIT {MostCounted + 1}) x) p
            LEFT JOIN LATERAL (SELECT actor_name, at FROM audit_log WHERE target_kind = 'source' AND target_id = s.id::text ORDER BY id DESC LIMIT 1) a ON true
            ORDER BY s.retired_at IS NOT NULL, lower(s.name) LIMIT {Most}
            """,
            row => new SourceRow(row.GetInt64(0), row.GetString(1), row.GetString(2), links.JoinFrom(row.GetString(2)), row.GetInt32(3), row.Time(4), row.GetInt64(5), row.GetFieldValue<uint>(6), row.Text(7), row.Time(8)), cancel);
    }
}
