using System.Collections.Concurrent;
using InviteAdmin.Data;
using InviteAdmin.Redis;
using Npgsql;

namespace InviteAdmin.Insights;

/// <summary>
/// Where the launch stands. <c>InvitedEver</c> counts people whose invitation was not taken back; <c>Registered</c> those of them who signed up;
/// <c>Members</c> everybody who did, with or without the list. <c>SeatsLeft</c> is null without a capacity.
/// </summary>
public sealed record LaunchNumbers(long Waiting, long InvitedEver, long Open, long Registered, long Members, int? Capacity, long? SeatsLeft, long FailedMails, long Held);

/// <summary>What happened on one day of the workspace's zone.</summary>
public sealed record LaunchDay(DateOnly Day, long Joined, long Invited, long Registered);

/// <summary>A member by what they brought. <c>EntryId</c> is null for members who never were on the list.</summary>
public sealed record TopReferrer(string MemberId, string Name, string Tier, int Credited);

/// <summary>Reads of the whole launch, made to be asked every second at a million entries.</summary>
public sealed class LaunchQueries(NpgsqlDataSource source, LeaderBoard leaders, RecentCounts counts, TimeProvider time)
{
    private static readonly TimeSpan PastIsFresh = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<(string Zone, int Days), (long At, DateOnly Today, IReadOnlyList<LaunchDay> Past)> _past = new();

    public Task<LaunchNumbers> Numbers(CancellationToken cancel) => counts.Of(typeof(LaunchNumbers), () => Count(cancel));

    private async Task<LaunchNumbers> Count(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        // Each count reads one partial index and nothing else.
        return (await connection.Query(
            """
            SELECT (SELECT count(*) FROM waitlist_entries WHERE status = 'waiting'),
              (SELECT count(*) FROM waitlist_entries WHERE invited_at IS NOT NULL),
              (SELECT count(*) FROM invite_codes WHERE kind = 'waitlist' AND status = 'active' AND used_count = 0 AND lapsed_at IS NULL),
              (SELECT count(*) FROM waitlist_entries WHERE registered_at IS NOT NULL AND invited_at IS NOT NULL),
              (SELECT count(*) FROM members),
              (SELECT capacity FROM rollout_plans WHERE is_current),
              (SELECT count(*) FROM outbox WHERE state = 'dead'),
              (SELECT count(*) FROM waitlist_entries WHERE hold IS NOT NULL AND status = 'waiting')
            """,
            row => (Waiting: row.GetInt64(0), Invited: row.GetInt64(1), Open: row.GetInt64(2), Registered: row.GetInt64(3), Members: row.GetInt64(4),
                Capacity: row.IsDBNull(5) ? (int?)null : row.GetInt32(5), Failed: row.GetInt64(6), Held: row.GetInt64(7)),
            cancel)).Select(n => new LaunchNumbers(n.Waiting, n.Invited, n.Open, n.Registered, n.Members, n.Capacity, n.Capacity - n.Members - n.Open, n.Failed, n.Held)).Single();
    }

    /// <summary>The last days, oldest first, today (not over yet) last. Days that are over are read every ten minutes, today every time.</summary>
    public async Task<IReadOnlyList<LaunchDay>> ByDay(int days, TimeZoneInfo zone, CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).DateTime);
        var key = (zone.Id, days);
        if (!_past.TryGetValue(key, out var known) || known.Today != today || time.GetElapsedTime(known.At) > PastIsFresh)
        {
            known = (time.GetTimestamp(), today, days > 1 ? await Read(today.AddDays(1 - days), today.AddDays(-1), zone, cancel) : []);
            _past[key] = known;
        }

        return [.. known.Past, .. await Read(today, today, zone, cancel)];
    }

    /// <summary>Each day of a range.</summary>
    public Task<IReadOnlyList<LaunchDay>> Days(InsightRange range, CancellationToken cancel) => Read(range.From, range.To, TimeZoneInfo.FindSystemTimeZoneById(range.Zone), cancel);

    /// <summary>Members who brought the most, with at least one.</summary>
    public async Task<IReadOnlyList<TopReferrer>> TopReferrers(int most, CancellationToken cancel)
    {
        var top = await leaders.Top(most, cancel);
        await using var connection = await source.OpenConnectionAsync(cancel);
        if (top is { } known)
        {
            var referrals = known.Places.ToDictionary(p => p.MemberId, p => p.Referrals);
            return [.. (await connection.Query("SELECT id, public_id, name, tier FROM members WHERE id = ANY($1)", row => (Id: row.GetInt64(0), Row: new TopReferrer(
                row.GetString(1), row.GetString(2), row.GetString(3), referrals[row.GetInt64(0)])), cancel, [referrals.Keys.ToArray()])).OrderByDescending(r => r.Row.Credited).ThenBy(r => r.Id).Select(r => r.Row)];
        }

        return await connection.Query(
            "SELECT public_id, name, tier, credited_referrals FROM members WHERE credited_referrals > 0 ORDER BY credited_referrals DESC, id LIMIT $1",
            row => new TopReferrer(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3)), cancel, most);
    }

    private async Task<IReadOnlyList<LaunchDay>> Read(DateOnly from, DateOnly to, TimeZoneInfo zone, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            """
            WITH span AS (SELECT $1::date::timestamp AT TIME ZONE $3 AS first, ($2::date + 1)::timestamp AT TIME ZONE $3 AS last),
            joined AS (SELECT (joined_at AT TIME ZONE $3)::date AS day, count(*) AS n FROM waitlist_entries, span WHERE joined_at >= first AND joined_at < last GROUP BY 1),
            invited AS (SELECT (created_at AT TIME ZONE $3)::date AS day, sum(invited)::bigint AS n FROM cohorts, span WHERE created_at >= first AND created_at < last AND state = 'released' GROUP BY 1),
            registered AS (SELECT (registered_at AT TIME ZONE $3)::date AS day, count(*) AS n FROM members, span WHERE registered_at >= first AND registered_at < last GROUP BY 1)
            SELECT d::date, coalesce(j.n, 0), coalesce(i.n, 0), coalesce(r.n, 0) FROM generate_series($1::date, $2::date, interval '1 day') d
            LEFT JOIN joined j ON j.day = d::date LEFT JOIN invited i ON i.day = d::date LEFT JOIN registered r ON r.day = d::date ORDER BY 1
            """,
            row => new LaunchDay(row.GetFieldValue<DateOnly>(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), cancel, from, to, zone.Id);
    }
}
