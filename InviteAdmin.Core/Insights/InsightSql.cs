namespace InviteAdmin.Insights;

/// <summary>
/// The statements that keep the insight counts. What the table of changes names is counted again from the rows themselves, so that a count is right after
/// every deletion and recall, whatever was missed before. Slots are quarters of an hour since 1970.
/// </summary>
internal static class InsightSql
{
    public const string Take =
        """
        CREATE TEMP TABLE touched (kind text NOT NULL, key bigint NOT NULL) ON COMMIT DROP;
        CREATE TEMP TABLE rising (member_id bigint PRIMARY KEY, height integer NOT NULL) ON COMMIT DROP;
        WITH taken AS (DELETE FROM insight_changes RETURNING kind, key) INSERT INTO touched SELECT DISTINCT kind, key FROM taken;
        ANALYZE touched;
        """;

    /// <summary>From people to the slots, cohorts and referrers that count them: a member, whoever brought them, and their entries.</summary>
    public const string Resolve =
        """
        INSERT INTO touched
        WITH came AS (
          SELECT key AS id FROM touched WHERE kind = 'member'
          UNION SELECT r.referrer_member_id FROM touched t JOIN referrals r ON r.referred_member_id = t.key WHERE t.kind = 'member'
        ), facts AS MATERIALIZED (
          SELECT m.id, m.registered_at, m.entry_id, c.cohort_id, c.owner_member_id
          FROM came JOIN members m ON m.id = came.id LEFT JOIN redemptions d ON d.member_id = m.id LEFT JOIN invite_codes c ON c.id = d.code_id
        )
        SELECT 'registered', quarter(registered_at) FROM facts
        UNION SELECT 'cohort', cohort_id FROM facts WHERE cohort_id IS NOT NULL
        UNION SELECT 'referrer', id FROM facts
        UNION SELECT 'referrer', owner_member_id FROM facts WHERE owner_member_id IS NOT NULL
        UNION SELECT 'entry', entry_id FROM facts WHERE entry_id IS NOT NULL;
        INSERT INTO touched
        SELECT 'joined', quarter(e.joined_at) FROM touched t JOIN waitlist_entries e ON e.id = t.key WHERE t.kind = 'entry'
        UNION SELECT 'invited', quarter(e.invited_at) FROM touched t JOIN waitlist_entries e ON e.id = t.key WHERE t.kind = 'entry' AND e.invited_at IS NOT NULL;
        ANALYZE touched;
        """;

    /// <summary>Forgets what is counted again.</summary>
    public const string Forget =
        """
        DELETE FROM insight_joined WHERE slot IN (SELECT key FROM touched WHERE kind = 'joined');
        DELETE FROM insight_invited WHERE slot IN (SELECT key FROM touched WHERE kind = 'invited');
        DELETE FROM insight_registered WHERE slot IN (SELECT key FROM touched WHERE kind = 'registered');
        DELETE FROM insight_cohorts WHERE cohort_id IN (SELECT key FROM touched WHERE kind = 'cohort');
        """;

    public const string ForgetAll = "DELETE FROM insight_joined; DELETE FROM insight_invited; DELETE FROM insight_registered; DELETE FROM insight_cohorts; DELETE FROM referrer_counts;";

    /// <summary>Counts what was touched.</summary>
    public static readonly string Count =
        Joined($"{Touched("joined")} CROSS JOIN LATERAL (SELECT * FROM waitlist_entries x WHERE {Within("x.joined_at")}) e") + Invited($"{Touched("invited")} CROSS JOIN LATERAL (SELECT * FROM waitlist_entries x WHERE {Within("x.invited_at")}) e")
        + Registered($"{Touched("registered")} CROSS JOIN LATERAL (SELECT * FROM members x WHERE {Within("x.registered_at")}) m") + Cohorts($"{Touched("cohort")} JOIN cohorts c ON c.id = t.key");

    /// <summary>Counts everything, for the first time or when the counts are in doubt.</summary>
    public static readonly string CountAll =
        Joined("waitlist_entries e") + Invited("waitlist_entries e") + Registered("members m") + Cohorts("cohorts c");

    /// <summary>The referrers touched and everybody above them, each with the length of the longest way up to it: whoever stands below is counted before.</summary>
    public const string Rise =
        """
        INSERT INTO rising
        WITH RECURSIVE up AS (
          SELECT DISTINCT key AS id, 0 AS height FROM touched WHERE kind = 'referrer'
          UNION SELECT r.referrer_member_id, u.height + 1 FROM up u JOIN referrals r ON r.referred_member_id = u.id AND r.status = 'credited' WHERE u.height < 1000
        ) SELECT id, max(height) FROM up GROUP BY id;
        ANALYZE rising;
        """;

    /// <summary>All referrers, by how far they stand above the last of their chain.</summary>
    public const string RiseAll = "INSERT INTO touched SELECT DISTINCT 'referrer', referrer_member_id FROM referrals;" + Rise;

    /// <summary>Counts the referrers of height $1 from those directly below them.</summary>
    public const string CountReferrers =
        """
        INSERT INTO referrer_counts AS c (member_id, downstream, depth, held, given, used)
        SELECT x.member_id, d.below, d.depth, d.held, k.given, k.used
        FROM rising x JOIN members m ON m.id = x.member_id CROSS JOIN LATERAL (
          SELECT (count(*) FILTER (WHERE f.status = 'credited') + coalesce(sum(b.downstream) FILTER (WHERE f.status = 'credited'), 0))::int AS below,
            coalesce(max(1 + coalesce(b.depth, 0)) FILTER (WHERE f.status = 'credited'), 0) AS depth, (count(*) FILTER (WHERE f.status = 'held'))::int AS held, count(*) AS total
          FROM referrals f LEFT JOIN referrer_counts b ON b.member_id = f.referred_member_id WHERE f.referrer_member_id = x.member_id
        ) d CROSS JOIN LATERAL (
          SELECT count(*)::int AS given, (count(*) FILTER (WHERE i.used_count > 0))::int AS used FROM invite_codes i WHERE i.owner_member_id = x.member_id AND i.kind = 'personal'
        ) k
        WHERE x.height = $1 AND (d.total > 0 OR EXISTS (SELECT 1 FROM referrer_counts h WHERE h.member_id = x.member_id))
        ON CONFLICT (member_id) DO UPDATE SET downstream = excluded.downstream, depth = excluded.depth, held = excluded.held, given = excluded.given, used = excluded.used
        """;

    private static string Touched(string kind) => $"(SELECT DISTINCT key FROM touched WHERE kind = '{kind}') t";

    private static string Within(string column) => $"{column} >= to_timestamp(t.key * 900) AND {column} < to_timestamp((t.key + 1) * 900)";

    // Each step counts only those of the step before.
    private static string Joined(string rows) =>
        $"""
        INSERT INTO insight_joined
        SELECT quarter(e.joined_at), coalesce(e.source_id, 0), count(*), count(e.confirmed_at), count(e.invited_at) FILTER (WHERE e.confirmed_at IS NOT NULL),
          count(e.registered_at) FILTER (WHERE e.confirmed_at IS NOT NULL AND e.invited_at IS NOT NULL),
          count(m.id) FILTER (WHERE e.confirmed_at IS NOT NULL AND e.invited_at IS NOT NULL AND e.registered_at IS NOT NULL AND m.credited_referrals > 0)
        FROM {rows} LEFT JOIN members m ON m.entry_id = e.id GROUP BY 1, 2;

        """;

    // Whole hours between invitation and registration; whoever needed more than thirty days stands at thirty.
    private static string Invited(string rows) =>
        $"""
        INSERT INTO insight_invited
        SELECT quarter(e.invited_at), least(floor(date_part('epoch', e.registered_at - e.invited_at) / 3600)::int, 720), count(*)
        FROM {rows} WHERE e.invited_at IS NOT NULL AND e.registered_at >= e.invited_at GROUP BY 1, 2;

        """;

    private static string Registered(string rows) =>
        $"""
        INSERT INTO insight_registered
        SELECT quarter(m.registered_at), coalesce(c.campaign_id, 0), count(*), count(*) FILTER (WHERE m.credited_referrals > 0), coalesce(sum(b.soon), 0)
        FROM {rows} LEFT JOIN redemptions d ON d.member_id = m.id LEFT JOIN invite_codes c ON c.id = d.code_id LEFT JOIN LATERAL (
          SELECT count(*) AS soon FROM referrals f WHERE f.referrer_member_id = m.id AND f.status = 'credited' AND f.created_at < m.registered_at + interval '28 days'
        ) b ON m.credited_referrals > 0 GROUP BY 1, 2;

        """;

    // Days of 24 hours since the release.
    private static string Cohorts(string rows) =>
        $"""
        INSERT INTO insight_cohorts
        SELECT c.id, floor(date_part('epoch', d.redeemed_at - c.created_at) / 86400)::int, count(*)
        FROM {rows} JOIN invite_codes k ON k.cohort_id = c.id JOIN redemptions d ON d.code_id = k.id GROUP BY 1, 2;

        """;
}
