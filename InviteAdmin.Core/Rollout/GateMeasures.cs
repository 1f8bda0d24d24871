using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>Measures the conditions of a gate over the cohorts of a stage. Shares are 0 to 1; what was recalled or undone does not count.</summary>
public static class GateMeasures
{
    /// <summary>What the conditions are measured over: the plan's cohorts past a number, at a moment of the plan's clock.</summary>
    internal sealed record Scope(long Plan, int After, DateOnly Today, DateTimeOffset Now, int? FreeSeats);

    internal const string OfStage = "c.plan_id = $1 AND c.number > $2 AND c.local_date IS NOT NULL AND c.state = 'released'";

    internal static async Task<IReadOnlyList<Measured>> Of(NpgsqlConnection connection, Scope of, IReadOnlyList<GateCondition> gate, CancellationToken cancel)
    {
        var measured = new List<Measured>();
        (long Bounced, long Complained, long Sent)? counted = null;
        async Task<(long Bounced, long Complained, long Sent)> Mails() => counted ??= (await connection.Query(MailSql, row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancel, of.Plan, of.After))[0];
        foreach (var condition in gate)
        {
            measured.Add(condition switch
            {
                ConversionCondition c => await Share(connection, ConversionSql, cancel, of.Plan, of.After, of.Today, c.AfterDays),
                RetentionCondition r => await Share(connection, RetentionSql, cancel, of.Plan, of.After, of.Now, r.Day),
                SignalCondition s => await Signal(connection, s, of.Now, cancel),
                BounceCondition => Share((await Mails()).Bounced, (await Mails()).Sent),
                ComplaintCondition => Share((await Mails()).Complained, (await Mails()).Sent),
                CapacityCondition => new Measured(of.FreeSeats ?? int.MaxValue, 1),
                _ => throw new ArgumentException($"Nothing is known of conditions like {condition.GetType().Name}.", nameof(gate)),
            });
        }

        return measured;
    }

    private static async Task<Measured> Share(NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] values)
    {
        var (part, whole) = (await connection.Query(sql, row => (row.GetInt64(0), row.GetInt64(1)), cancel, values))[0];
        return Share(part, whole);
    }

    private static Measured Share(long part, long whole) => new(whole == 0 ? null : (double)part / whole, whole);

    private static async Task<Measured> Signal(NpgsqlConnection connection, SignalCondition signal, DateTimeOffset now, CancellationToken cancel) => (await connection.Query(
        $"""
        SELECT {signal.Use switch { SignalUse.Mean => "avg(value)", SignalUse.Max => "max(value)", _ => "(array_agg(value ORDER BY at DESC, id DESC))[1]" }}, count(*)
        FROM signals WHERE name = $1 AND at > $2::timestamptz - $3 * interval '1 hour' AND at <= $2::timestamptz + interval '5 minutes'
        """,
        row => new Measured(row.IsDBNull(0) ? null : row.GetDouble(0), row.GetInt64(1)), cancel, signal.Name, now, signal.Hours))[0];

    // Only cohorts whose people all had so many whole days.
    private const string ConversionSql =
        $"""
        SELECT
          (SELECT count(*) FROM cohorts c JOIN invite_codes k ON k.cohort_id = c.id AND k.used_count > 0 JOIN redemptions r ON r.code_id = k.id
            WHERE {OfStage} AND c.local_date < $3::date - $4::int AND r.redeemed_at < c.created_at + $4 * interval '1 day'),
          (SELECT coalesce(sum(c.invited), 0)::bigint FROM cohorts c WHERE {OfStage} AND c.local_date < $3::date - $4::int)
        """;

    private const string RetentionSql =
        $"""
        SELECT count(a.day), count(*) FROM cohorts c JOIN invite_codes k ON k.cohort_id = c.id AND k.used_count > 0 JOIN redemptions r ON r.code_id = k.id
        LEFT JOIN member_activity a ON a.member_id = r.member_id AND a.day = (r.redeemed_at AT TIME ZONE 'UTC')::date + $4::int
        WHERE {OfStage} AND r.redeemed_at <= $3::timestamptz - ($4 + 1) * interval '1 day'
        """;

    private const string MailSql =
        $"""
        SELECT count(o.bounced_at), count(o.complained_at), count(*)
        FROM cohorts c JOIN outbox o ON o.cohort_id = c.id AND o.template = 'invitation' AND o.state = 'sent' WHERE {OfStage}
        """;
}
