using System.Data.Common;
using InviteAdmin.Data;
using InviteAdmin.Insights;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>Reads what a forecast rests on: the plan, its cohorts, the counts kept for the insights, and the places of the queue from the rank index.</summary>
internal static class ForecastSql
{
    /// <summary>So many days of joins are looked at, so many cohorts, and so many of the newest people.</summary>
    private const int HistoryDays = 56, Cohorts = 60, Newest = 2_000;

    /// <summary>The plan's batches past a cohort's number that stand, oldest first.</summary>
    public static async Task<IReadOnlyList<SentBatch>> Batches(NpgsqlConnection connection, long plan, int after, CancellationToken cancel)
    {
        var rows = await connection.Query(
            """
            SELECT c.local_date, c.invited, coalesce(i.day, 0), coalesce(i.registered, 0) FROM cohorts c LEFT JOIN insight_cohorts i ON i.cohort_id = c.id
            WHERE c.plan_id = $1 AND c.number > $2 AND c.local_date IS NOT NULL AND c.state = 'released' ORDER BY c.local_date, i.day
            """,
            row => (Day: row.GetFieldValue<DateOnly>(0), Invited: row.GetInt32(1), Age: row.GetInt32(2), Registered: row.GetInt32(3)), cancel, plan, after);
        return [.. rows.GroupBy(r => (r.Day, r.Invited)).Select(c => new SentBatch(
            c.Key.Day, c.Key.Invited, [.. Enumerable.Range(0, c.Max(r => r.Age) + 1).Select(age => c.Where(r => r.Age == age).Sum(r => (long)r.Registered))]))];
    }

    public static Task<bool> SentToday(NpgsqlConnection connection, long plan, DateOnly today, CancellationToken cancel) =>
        connection.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM cohorts WHERE plan_id = $1 AND local_date = $2)", cancel, plan, today);

    public static async Task<(long OnHold, long Members)> Counts(NpgsqlConnection connection, CancellationToken cancel) => (await connection.Query(
        "SELECT (SELECT count(*) FROM waitlist_entries WHERE hold IS NOT NULL AND status = 'waiting'), (SELECT count(*) FROM members)",
        row => (row.GetInt64(0), row.GetInt64(1)), cancel))[0];

    public static Task<List<OpenInvitations>> Open(NpgsqlConnection connection, string zone, CancellationToken cancel) => connection.Query(
        """
        SELECT (invited_at AT TIME ZONE $1)::date, count(*), count(*) FILTER (WHERE lapses > 0) FROM waitlist_entries WHERE status = 'invited' AND invited_at IS NOT NULL GROUP BY 1 ORDER BY 1
        """,
        row => new OpenInvitations(row.GetFieldValue<DateOnly>(0), row.GetInt64(1), row.GetInt64(2)), cancel, zone);

    public static Task<List<(int Points, long People)>> Queue(NpgsqlConnection connection, CancellationToken cancel) => connection.Query(
        "SELECT points, count(*) FROM waitlist_entries WHERE status = 'waiting' GROUP BY points", row => (row.GetInt32(0), row.GetInt64(1)), cancel);

    /// <summary>The newest confirmed people who were not imported, by their points and those of a friend who brought them and waits.</summary>
    public static Task<List<(int Points, int? Friend, long People)>> Newcomers(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel) => connection.Query(
        $"""
        SELECT e.points, f.points, count(*) FROM (
          SELECT points, referred_by_id FROM waitlist_entries WHERE joined_at > $1::timestamptz - interval '{HistoryDays} days' AND confirmed_at IS NOT NULL AND import_id IS NULL ORDER BY joined_at DESC LIMIT {Newest}
        ) e LEFT JOIN waitlist_entries f ON f.id = e.referred_by_id AND f.status = 'waiting' GROUP BY 1, 2
        """,
        row => (row.GetInt32(0), row.IsDBNull(1) ? (int?)null : row.GetInt32(1), row.GetInt64(2)), cancel, now);

    /// <summary>
    /// Joins and members without an invitation on each whole day that is counted, oldest first. The first day of the list is left out, because it is not whole, and so
    /// are people who were imported. When an invited person registered is known to the hour.
    /// </summary>
    public static async Task<(IReadOnlyList<long> Joins, IReadOnlyList<long> Others)> History(NpgsqlConnection connection, DateOnly today, string zone, CancellationToken cancel)
    {
        var days = await connection.Query(
            $"""
            WITH span AS (
              SELECT greatest($1::date, (SELECT (min(joined_at) AT TIME ZONE $3)::date + 1 FROM waitlist_entries)) AS first, least($2::date, (SELECT (counted_at AT TIME ZONE $3)::date - 1 FROM insight_state)) AS last
            ), joined AS (
              SELECT (to_timestamp(i.slot * 900) AT TIME ZONE $3)::date AS day, sum(i.confirmed) AS people FROM insight_joined i WHERE {InsightRange.Slots} GROUP BY 1
            ), imported AS (
              SELECT (e.joined_at AT TIME ZONE $3)::date AS day, count(*) AS people FROM waitlist_entries e
              WHERE e.import_id IS NOT NULL AND e.confirmed_at IS NOT NULL AND e.joined_at >= $1::date::timestamp AT TIME ZONE $3 GROUP BY 1
            ), members AS (
              SELECT (to_timestamp(i.slot * 900) AT TIME ZONE $3)::date AS day, sum(i.members) AS people FROM insight_registered i WHERE {InsightRange.Slots} GROUP BY 1
            ), invited AS (
              SELECT (to_timestamp(i.slot * 900 + i.hours * 3600) AT TIME ZONE $3)::date AS day, sum(i.registered) AS people FROM insight_invited i GROUP BY 1
            )
            SELECT coalesce(j.people, 0) - coalesce(m.people, 0), coalesce(r.people, 0) - coalesce(v.people, 0)
            FROM span, generate_series(span.first, span.last, interval '1 day') d LEFT JOIN joined j ON j.day = d::date LEFT JOIN imported m ON m.day = d::date
            LEFT JOIN members r ON r.day = d::date LEFT JOIN invited v ON v.day = d::date WHERE span.first IS NOT NULL AND span.last IS NOT NULL ORDER BY d
            """,
            row => (Math.Max(0, row.GetInt64(0)), Math.Max(0, row.GetInt64(1))), cancel, today.AddDays(-HistoryDays), today.AddDays(-1), zone);
        return ([.. days.Select(d => d.Item1)], [.. days.Select(d => d.Item2)]);
    }

    /// <summary>By age, from the newest cohorts that stand.</summary>
    public static async Task<IReadOnlyList<AgeCount>> Conversion(NpgsqlConnection connection, int days, CancellationToken cancel)
    {
        var rows = await connection.Query(
            $"""
            SELECT c.id, c.invited, floor(date_part('epoch', s.counted_at - c.created_at) / 86400)::int, coalesce(i.day, -1), coalesce(i.registered, 0)
            FROM insight_state s, (SELECT * FROM cohorts WHERE state = 'released' ORDER BY number DESC LIMIT {Cohorts}) c LEFT JOIN insight_cohorts i ON i.cohort_id = c.id
            WHERE s.counted_at >= c.created_at
            """,
            Row, cancel);
        var (exposed, registered) = (new long[days], new long[days]);
        foreach (var cohort in rows.GroupBy(r => (r.Cohort, r.Invited, r.Age)))
        {
            var left = (long)cohort.Key.Invited;
            for (var day = 0; day < Math.Min(days, cohort.Key.Age); day++)
            {
                var used = cohort.Where(r => r.Day == day).Sum(r => (long)r.Registered);
                (exposed[day], registered[day], left) = (exposed[day] + left, registered[day] + used, left - used);
            }
        }

        return [.. exposed.Zip(registered, (e, r) => new AgeCount(e, r))];
    }

    private static (long Cohort, int Invited, int Age, int Day, int Registered) Row(DbDataReader row) =>
        (row.GetInt64(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4));
}
