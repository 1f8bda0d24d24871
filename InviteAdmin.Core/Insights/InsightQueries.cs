using System.Diagnostics;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Insights;

/// <summary>
/// Reads of the insights, out of the counts that <see cref="RefreshInsights"/> keeps: quarters of an hour, which make up the days of every zone. All are
/// read in milliseconds whatever the size of the list.
/// </summary>
public sealed class InsightQueries(NpgsqlDataSource source)
{
    /// <summary>So many cohorts stand in the table, the newest.</summary>
    public const int MostCohorts = 20;

    /// <summary>A cohort is followed for so many days.</summary>
    public const int CohortDays = 29;

    private const int MostCampaigns = 20;

    /// <summary>The time up to which everything is counted; null before the first count.</summary>
    public async Task<DateTimeOffset?> CountedAt(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query("SELECT counted_at FROM insight_state", row => row.Time(0), cancel)).FirstOrDefault();
    }

    /// <summary>The steps of those who joined in the range, by source, the largest first. The funnel is their sum.</summary>
    public Task<Counted<IReadOnlyList<SourceSteps>>> BySource(InsightRange range, CancellationToken cancel) => Read<IReadOnlyList<SourceSteps>>(
        async connection => await connection.Query(
            $"""
            SELECT s.name, sum(i.joined), sum(i.confirmed), sum(i.invited), sum(i.registered), sum(i.brought)
            FROM insight_joined i LEFT JOIN sources s ON s.id = i.source_id WHERE {InsightRange.Slots} GROUP BY s.name ORDER BY 2 DESC, 1
            """,
            row => new SourceSteps(row.Text(0), new(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5))), cancel, range.From, range.To, range.Zone), cancel);

    /// <summary>The campaigns by which members came in the range, the largest first.</summary>
    public Task<Counted<IReadOnlyList<CampaignSteps>>> ByCampaign(InsightRange range, CancellationToken cancel) => Read<IReadOnlyList<CampaignSteps>>(
        async connection => await connection.Query(
            $"""
            SELECT p.slug, p.name, sum(i.members), sum(i.brought_someone), max(p.codes::bigint * p.max_uses_each)
            FROM insight_registered i JOIN campaigns p ON p.id = i.campaign_id WHERE {InsightRange.Slots} GROUP BY p.id ORDER BY 3 DESC, p.id DESC LIMIT {MostCampaigns}
            """,
            row => new CampaignSteps(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)), cancel, range.From, range.To, range.Zone), cancel);

    /// <summary>How long those took who were invited in the range and have registered.</summary>
    public Task<Counted<RegisterTimes>> TimeToRegister(InsightRange range, CancellationToken cancel) => Read(
        async connection => new RegisterTimes(await connection.Query(
            $"SELECT i.hours, sum(i.registered) FROM insight_invited i WHERE {InsightRange.Slots} GROUP BY 1 ORDER BY 1",
            row => new HourCount(row.GetInt32(0), row.GetInt64(1)), cancel, range.From, range.To, range.Zone)), cancel);

    /// <summary>The newest cohorts released in the range and not taken back, newest first.</summary>
    public Task<Counted<IReadOnlyList<CohortCurve>>> Cohorts(InsightRange range, CancellationToken cancel) => Read<IReadOnlyList<CohortCurve>>(
        async connection =>
        {
            var rows = await connection.Query(
                $"""
                SELECT c.number, c.created_at, c.invited, floor(date_part('epoch', now() - c.created_at) / 86400)::int, i.day, i.registered
                FROM (SELECT * FROM cohorts WHERE state = 'released' AND created_at >= $1::date::timestamp AT TIME ZONE $3 AND created_at < ($2::date + 1)::timestamp AT TIME ZONE $3
                      ORDER BY number DESC LIMIT {MostCohorts}) c
                LEFT JOIN insight_cohorts i ON i.cohort_id = c.id ORDER BY c.number DESC, i.day
                """,
                row => (Number: row.GetInt32(0), At: row.GetFieldValue<DateTimeOffset>(1), Invited: row.GetInt32(2), Age: row.GetInt32(3),
                    Day: row.IsDBNull(4) ? -1 : row.GetInt32(4), Registered: row.IsDBNull(5) ? 0 : row.GetInt32(5)),
                cancel, range.From, range.To, range.Zone);
            return
            [
                .. rows.GroupBy(r => (r.Number, r.At, r.Invited, r.Age)).Select(c => new CohortCurve(
                    c.Key.Number, c.Key.At, c.Key.Invited, c.Key.Age, [.. Enumerable.Range(0, CohortDays).Select(d => c.Where(r => r.Day >= 0 && r.Day <= d).Sum(r => (long)r.Registered))])),
            ];
        }, cancel);

    /// <summary>The last weeks of a zone (Monday to Sunday), oldest first, the one under way last.</summary>
    public Task<Counted<IReadOnlyList<ViralWeek>>> Viral(int weeks, DateOnly today, string zone, CancellationToken cancel) => Read<IReadOnlyList<ViralWeek>>(
        async connection => await connection.Query(
            $"""
            WITH weeks AS (
              SELECT w::date AS week FROM generate_series(date_trunc('week', $2::date::timestamp) - ($4 - 1) * interval '7 days', date_trunc('week', $2::date::timestamp), interval '7 days') w
            ), counted AS (
              SELECT date_trunc('week', to_timestamp(i.slot * 900) AT TIME ZONE $3)::date AS week, sum(i.members) AS members, sum(i.brought_soon) AS brought
              FROM insight_registered i WHERE {InsightRange.Slots} GROUP BY 1
            )
            SELECT w.week, coalesce(c.members, 0), coalesce(c.brought, 0), (w.week + 35)::timestamp AT TIME ZONE $3 <= now() FROM weeks w LEFT JOIN counted c ON c.week = w.week ORDER BY 1
            """,
            row => new ViralWeek(row.GetFieldValue<DateOnly>(0), row.GetInt64(1), row.GetInt64(2), row.GetBoolean(3)),
            cancel, today.AddDays(-7 * weeks), today, zone, weeks), cancel);

    /// <summary>The members who registered in a range as if it were a week.</summary>
    public Task<Counted<ViralWeek>> ViralOf(InsightRange range, CancellationToken cancel) => Read(
        async connection => (await connection.Query(
            $"SELECT coalesce(sum(i.members), 0), coalesce(sum(i.brought_soon), 0), ($2::date + 29)::timestamp AT TIME ZONE $3 <= now() FROM insight_registered i WHERE {InsightRange.Slots}",
            row => new ViralWeek(range.From, row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2)), cancel, range.From, range.To, range.Zone))[0], cancel);

    private async Task<Counted<T>> Read<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancel)
    {
        var at = await CountedAt(cancel);
        await using var connection = await source.OpenConnectionAsync(cancel);
        var clock = Stopwatch.StartNew();
        var value = await read(connection);
        return new(value, at, clock.Elapsed.TotalMilliseconds);
    }
}
