using System.Globalization;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>What the conditions of the stage in force were measured at since the stage began: shares as they grew with each cohort or day, a signal as it was posted.</summary>
public sealed class GateCourses(NpgsqlDataSource source, PlanClock clock)
{
    private const int MostPoints = 60;

    // Shares are added up, so that the last one is what the gate is measured at now.
    private const string ConversionSql =
        $"""
        SELECT (SELECT count(*) FROM invite_codes k JOIN redemptions r ON r.code_id = k.id WHERE k.cohort_id = c.id AND r.redeemed_at < c.created_at + $4 * interval '1 day'), c.invited::bigint
        FROM cohorts c WHERE {GateMeasures.OfStage} AND c.local_date < $3::date - $4::int ORDER BY c.local_date, c.number
        """;

    private const string RetentionSql =
        $"""
        SELECT count(a.day), count(*) FROM cohorts c JOIN invite_codes k ON k.cohort_id = c.id JOIN redemptions r ON r.code_id = k.id
        LEFT JOIN member_activity a ON a.member_id = r.member_id AND a.day = (r.redeemed_at AT TIME ZONE 'UTC')::date + $4::int
        WHERE {GateMeasures.OfStage} AND r.redeemed_at <= $3::timestamptz - ($4 + 1) * interval '1 day'
        GROUP BY (r.redeemed_at AT TIME ZONE 'UTC')::date ORDER BY (r.redeemed_at AT TIME ZONE 'UTC')::date
        """;

    private const string BeganSql = $"SELECT min(c.created_at) FROM cohorts c WHERE {GateMeasures.OfStage}";

    /// <summary>One for each condition of its gate, oldest value first; empty where there is nothing to draw.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<double>>> InForce(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var plan = await PlanState.Read(connection, locks: false, cancel);
        var now = await clock.Now(connection, cancel);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(plan.Zone)).DateTime);
        var courses = new List<IReadOnlyList<double>>();
        foreach (var condition in plan.Current.Gate)
        {
            courses.Add(condition switch
            {
                ConversionCondition c => await Share(connection, ConversionSql, cancel, plan.Id, plan.StageFrom, today, c.AfterDays),
                RetentionCondition r => await Share(connection, RetentionSql, cancel, plan.Id, plan.StageFrom, now, r.Day),
                BounceCondition => await Share(connection, MailSql("bounced_at"), cancel, plan.Id, plan.StageFrom),
                ComplaintCondition => await Share(connection, MailSql("complained_at"), cancel, plan.Id, plan.StageFrom),
                SignalCondition s => await Signal(connection, plan, s, now, cancel),
                _ => [],
            });
        }

        return courses;
    }

    private static async Task<IReadOnlyList<double>> Share(NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] values)
    {
        var (part, whole) = (0L, 0L);
        var shares = new List<double>();
        foreach (var (more, of) in await connection.Query(sql, row => (row.GetInt64(0), row.GetInt64(1)), cancel, values))
        {
            (part, whole) = (part + more, whole + of);
            if (whole > 0)
            {
                shares.Add((double)part / whole);
            }
        }

        return shares.Count <= MostPoints ? shares : [.. Enumerable.Range(0, MostPoints).Select(i => shares[i * (shares.Count - 1) / (MostPoints - 1)])];
    }

    private static string MailSql(string happened) =>
        $"""
        SELECT count(o.{happened}), count(*) FROM cohorts c JOIN outbox o ON o.cohort_id = c.id AND o.template = 'invitation' AND o.state = 'sent'
        WHERE {GateMeasures.OfStage} GROUP BY c.number ORDER BY c.number
        """;

    // Each point is what the condition would take of that part of the time.
    private static async Task<IReadOnlyList<double>> Signal(NpgsqlConnection connection, PlanState plan, SignalCondition signal, DateTimeOffset now, CancellationToken cancel)
    {
        if (await connection.Scalar<DateTime?>(BeganSql, cancel, plan.Id, plan.StageFrom) is not { } began || now - began < TimeSpan.FromMinutes(1))
        {
            return [];
        }

        return await connection.Query(
            string.Create(CultureInfo.InvariantCulture, $"""
                SELECT {signal.Use switch { SignalUse.Mean => "avg(value)", SignalUse.Max => "max(value)", _ => "(array_agg(value ORDER BY at DESC, id DESC))[1]" }}
                FROM (SELECT id, value, at, floor({MostPoints} * extract(epoch FROM at - $2::timestamptz) / extract(epoch FROM $3::timestamptz - $2::timestamptz)) AS part
                  FROM signals WHERE name = $1 AND at > $2::timestamptz AND at <= $3::timestamptz) posted
                GROUP BY part ORDER BY part
                """),
            row => row.GetDouble(0), cancel, signal.Name, new DateTimeOffset(began), now);
    }
}
