using InviteAdmin.Data;
using InviteAdmin.Referrals;
using Npgsql;
using NpgsqlTypes;

namespace InviteAdmin.Waitlist;

/// <summary>The set-based statements of an import; $1 is the operation.</summary>
internal static class ImportSql
{
    /// <summary>Puts checked rows where the import goes on with them, and the faults of the others where the report reads them.</summary>
    public static async Task Stage(NpgsqlConnection connection, long id, IReadOnlyList<ImportRow> rows, CancellationToken cancel)
    {
        var faults = rows.SelectMany(r => r.Faults.Select(f => (r.Line, f.Field, f.Reason))).ToList();
        await using (var copy = await connection.BeginBinaryImportAsync("COPY import_rows (operation_id, line, email, canonical, name, source, referred_by, joined_at, confirmed) FROM STDIN (FORMAT binary)", cancel))
        {
            foreach (var row in rows.Where(r => r.Faults.Count == 0))
            {
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(id, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(row.Line, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(row.Email.Address, NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(row.Email.Canonical, NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(row.Name, NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(row.Source, NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(row.ReferredBy, NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(row.JoinedAt, NpgsqlDbType.TimestampTz, cancel);
                await copy.WriteAsync(row.Confirmed, NpgsqlDbType.Boolean, cancel);
            }

            await copy.CompleteAsync(cancel);
        }

        await connection.Execute(
            "INSERT INTO import_rejects (operation_id, line, field, reason) SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING", cancel,
            id, faults.Select(f => f.Line).ToArray(), faults.Select(f => f.Field).ToArray(), faults.Select(f => f.Reason).ToArray());
    }

    public const string DropRepeated =
        """
        WITH repeated AS (
          SELECT line, first FROM (SELECT line, min(line) OVER (PARTITION BY canonical) AS first FROM import_rows WHERE operation_id = $1) r WHERE line > first
        ), noted AS (
          INSERT INTO import_rejects (operation_id, line, field, reason) SELECT $1, line, 'email', 'Stands in this file already, on line ' || first || '.' FROM repeated ON CONFLICT DO NOTHING
        )
        DELETE FROM import_rows r USING repeated d WHERE r.operation_id = $1 AND r.line = d.line
        """;

    public const string DropKnown =
        """
        WITH known AS (
          SELECT r.line, CASE WHEN m.id IS NOT NULL THEN 'Has signed up already.' ELSE 'Is on the waitlist already.' END AS reason
          FROM import_rows r LEFT JOIN waitlist_entries e ON e.canonical_email = r.canonical LEFT JOIN members m ON m.canonical_email = r.canonical
          WHERE r.operation_id = $1 AND (e.id IS NOT NULL OR m.id IS NOT NULL)
        ), noted AS (
          INSERT INTO import_rejects (operation_id, line, field, reason) SELECT $1, line, 'email', reason FROM known ON CONFLICT DO NOTHING
        )
        DELETE FROM import_rows r USING known k WHERE r.operation_id = $1 AND r.line = k.line
        """;

    public const string NewSources =
        """
        SELECT min(r.source) FROM import_rows r
        WHERE r.operation_id = $1 AND r.source IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sources s WHERE s.slug = r.source OR lower(s.name) = lower(r.source))
        GROUP BY lower(r.source) ORDER BY 1
        """;

    public const string CountMissingReferrers =
        """
        SELECT count(*) FROM import_rows r
        WHERE r.operation_id = $1 AND r.referred_by IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM import_rows f WHERE f.operation_id = $1 AND f.canonical = r.referred_by AND f.line <> r.line)
          AND NOT EXISTS (SELECT 1 FROM waitlist_entries e WHERE e.canonical_email = r.referred_by)
        """;

    public const string NextRows =
        """
        SELECT line, email, canonical, name, source, joined_at, confirmed FROM import_rows
        WHERE operation_id = $1 AND NOT added ORDER BY joined_at NULLS LAST, line LIMIT 5000
        """;

    /// <summary>Rows with a referrer stay until they are linked; the others are done.</summary>
    public const string MarkAdded =
        """
        WITH kept AS (UPDATE import_rows SET added = true WHERE operation_id = $1 AND line = ANY($2) AND referred_by IS NOT NULL)
        DELETE FROM import_rows WHERE operation_id = $1 AND line = ANY($2) AND referred_by IS NULL
        """;

    /// <summary>
    /// Links the next five thousand people to who brought them and credits both. A referrer must have joined before the person, which
    /// also rules out cycles. $2 and $3 are the points that the configuration sets.
    /// </summary>
    public static readonly string LinkRows =
        $"""
        WITH {PointRules.InForce("$2", "$3")}, next AS MATERIALIZED (
          SELECT line, canonical, referred_by FROM import_rows WHERE operation_id = $1 AND added ORDER BY line LIMIT 5000
        ), pairs AS MATERIALIZED (
          SELECT n.line, e.id, f.id AS referrer_id
          FROM next n JOIN waitlist_entries e ON e.canonical_email = n.canonical AND e.import_id = $1 AND e.referred_by_id IS NULL
          JOIN waitlist_entries f ON f.canonical_email = n.referred_by AND (f.joined_at, f.id) < (e.joined_at, e.id)
        ), locked AS MATERIALIZED (
          SELECT id, confirmed_at FROM waitlist_entries WHERE id IN (SELECT id FROM pairs UNION SELECT referrer_id FROM pairs) ORDER BY id FOR NO KEY UPDATE
        ), credits AS MATERIALIZED (
          SELECT p.id AS entry_id, 'arrived' AS kind, 'entry:' || p.referrer_id AS cause, rules.arrived AS points FROM pairs p JOIN locked l ON l.id = p.id CROSS JOIN rules WHERE l.confirmed_at IS NOT NULL
          UNION ALL
          SELECT p.referrer_id, 'brought', 'entry:' || p.id, rules.brought FROM pairs p JOIN locked l ON l.id = p.id CROSS JOIN rules WHERE l.confirmed_at IS NOT NULL
        ), ledger AS (
          INSERT INTO points_ledger (entry_id, kind, cause, points) SELECT * FROM credits
        ), changed AS (
          UPDATE waitlist_entries e SET points = e.points + d.points, referred_by_id = coalesce(d.referrer_id, e.referred_by_id)
          FROM (SELECT id, sum(points)::int AS points, max(referrer_id) AS referrer_id
                FROM (SELECT id, 0 AS points, referrer_id FROM pairs UNION ALL SELECT entry_id, points, NULL FROM credits) x GROUP BY id) d
          WHERE e.id = d.id
        ), noted AS (
          INSERT INTO import_rejects (operation_id, line, field, reason)
          SELECT $1, line, 'referredBy', 'Nobody with this email joined before; the person was imported without a referrer.' FROM next WHERE line NOT IN (SELECT line FROM pairs)
          ON CONFLICT DO NOTHING
        ), done AS (
          DELETE FROM import_rows r USING next n WHERE r.operation_id = $1 AND r.line = n.line
        )
        SELECT (SELECT count(*) FROM next), (SELECT count(*) FROM pairs)
        """;
}
