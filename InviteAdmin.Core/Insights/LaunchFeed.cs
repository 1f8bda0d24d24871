using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Insights;

/// <summary>Something that happened. Kind: joined, registered, released, rewarded or milestone; <c>Key</c> is the person's public id or the cohort's number, <c>Detail</c> who brought them, how many, or why.</summary>
public sealed record LaunchEvent(string Kind, string Key, string Name, string? Detail, DateTimeOffset At);

/// <summary>A cohort on the day it was released.</summary>
public sealed record CohortMark(DateOnly Day, int Number);

/// <summary>The last things that happened, and what stands beside the numbers of the overview. A few rows of an index each.</summary>
public sealed class LaunchFeed(NpgsqlDataSource source)
{
    public async Task<IReadOnlyList<LaunchEvent>> Latest(int most, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            """
            SELECT * FROM (
              (SELECT 'joined', e.public_id, e.name, r.name, e.joined_at AS at FROM (SELECT * FROM waitlist_entries ORDER BY joined_at DESC LIMIT $1) e LEFT JOIN waitlist_entries r ON r.id = e.referred_by_id)
              UNION ALL
              (SELECT 'registered', m.public_id, m.name, b.name, m.registered_at FROM (SELECT * FROM members ORDER BY registered_at DESC LIMIT $1) m
                LEFT JOIN referrals f ON f.referred_member_id = m.id AND f.status = 'credited' LEFT JOIN members b ON b.id = f.referrer_member_id)
              UNION ALL
              (SELECT 'released', c.number::text, c.created_by, c.invited::text, c.created_at FROM cohorts c ORDER BY c.created_at DESC LIMIT $1)
              UNION ALL
              (SELECT CASE WHEN g.by_staff THEN 'rewarded' ELSE 'milestone' END, m.public_id, m.name, coalesce(g.threshold::text, g.granted_by), g.granted_at
                FROM (SELECT * FROM reward_grants ORDER BY id DESC LIMIT $1) g JOIN members m ON m.id = g.member_id WHERE g.undone_at IS NULL AND (g.by_staff OR g.threshold IS NOT NULL))
            ) x ORDER BY at DESC LIMIT $1
            """,
            row => new LaunchEvent(row.GetString(0), row.GetString(1), row.GetString(2), row.Text(3), row.GetFieldValue<DateTimeOffset>(4)), cancel, most);
    }

    /// <summary>The cohorts released since a day, by the day in the zone; those taken back left out.</summary>
    public async Task<IReadOnlyList<CohortMark>> Cohorts(DateOnly from, string zone, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            "SELECT (created_at AT TIME ZONE $2)::date, number FROM cohorts WHERE created_at >= $1::date::timestamp AT TIME ZONE $2 AND state = 'released' ORDER BY number",
            row => new CohortMark(row.GetFieldValue<DateOnly>(0), row.GetInt32(1)), cancel, from, zone);
    }

    /// <summary>Referrals that are held and people who wait for review.</summary>
    public async Task<(long Referrals, long People)> Held(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            "SELECT (SELECT coalesce(sum(held), 0) FROM referrer_counts WHERE held > 0), (SELECT count(*) FROM waitlist_entries WHERE hold = 'review')",
            row => (row.GetInt64(0), row.GetInt64(1)), cancel))[0];
    }
}
