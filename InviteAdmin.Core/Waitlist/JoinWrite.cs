using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>The statements that put people on the waitlist, for joins and for imports.</summary>
internal sealed class JoinWrite(TimeProvider time, IOptions<WaitlistOptions> options, PointRules points) : ISharedWrite<JoinRow, JoinAnswer>
{
    // A referrer's row is locked to be credited; everybody else's join concerns only itself.
    public string KeyOf(JoinRow item) => item.Referral is { Length: > 0 } referral ? referral : item.Email.Canonical;

    public async Task<IReadOnlyList<Outcome<JoinAnswer>>> Write(NpgsqlConnection connection, IReadOnlyList<JoinRow> items, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(InsertCommand(items, mail: true, importId: null));
        batch.BatchCommands.Add(FactsCommand(items));
        if (items.Where(i => i.Watch is not null).ToList() is { Count: > 0 } watched)
        {
            batch.BatchCommands.Add(WatchCommand(watched));
        }

        await batch.PrepareAsync(cancel);
        var (added, facts) = await Read(batch, cancel);
        var known = items.Where((_, n) => !added[n].IsNew).ToList();
        if (known.Count > 0)
        {
            await JoinAgain.Answer(connection, known, points, options.Value.ConfirmDays, cancel);
            await using var again = new NpgsqlBatch(connection) { BatchCommands = { FactsCommand(items) } };
            await using var reader = await again.ExecuteReaderAsync(cancel);
            facts = await ReadFacts(reader, cancel);
        }

        return [.. items.Select((item, n) => (Outcome<JoinAnswer>)new JoinAnswer(added[n].IsNew, facts[item.Email.Canonical], added[n].Warnings))];
    }

    /// <summary>Adds checked rows in the caller's transaction; says of each row, in order, whether it is new.</summary>
    public async Task<IReadOnlyList<bool>> Insert(NpgsqlConnection connection, IReadOnlyList<JoinRow> rows, bool mail, long? importId, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { InsertCommand(rows, mail, importId) } };
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        return await reader.All(row => row.GetBoolean(0), cancel);
    }

    private static async Task<(List<(bool IsNew, IReadOnlyList<string> Warnings)> Added, Dictionary<string, EntryFacts> Facts)> Read(NpgsqlBatch batch, CancellationToken cancel)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var added = await reader.All(row => (row.GetBoolean(0), Warnings(row.GetBoolean(1), row.GetBoolean(2))), cancel);
        await reader.NextResultAsync(cancel);
        return (added, await ReadFacts(reader, cancel));
    }

    private static async Task<Dictionary<string, EntryFacts>> ReadFacts(NpgsqlDataReader reader, CancellationToken cancel) =>
        (await reader.All(row => (Email: row.GetString(10), Facts: EntryFacts.Read(row)), cancel)).ToDictionary(x => x.Email, x => x.Facts, StringComparer.Ordinal);

    private NpgsqlBatchCommand InsertCommand(IReadOnlyList<JoinRow> rows, bool mail, long? importId)
    {
        var rules = points.Parameters;
        return Sql.BatchCommand(
            InsertSql,
            rows.Select(r => r.Email.Address).ToArray(), rows.Select(r => r.Email.Canonical).ToArray(), rows.Select(r => r.Name).ToArray(),
            rows.Select(r => r.Source ?? "").ToArray(), rows.Select(r => r.Referral ?? "").ToArray(), rows.Select(r => r.Verified).ToArray(),
            rows.Select(r => r.MayNameSource).ToArray(), rows.Select(r => r.JoinedAt).ToArray(), rows.Select(r => r.EmailHash).ToArray(),
            rows.Select(_ => Tokens.NewId("wl", time)).ToArray(), Links(rows.Count), Links(rows.Count), Links(rows.Count),
            rules[0], rules[1], options.Value.ConfirmDays, mail, new NpgsqlParameter<long?> { TypedValue = importId, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });

        string[] Links(int count) => Enumerable.Range(0, count).Select(_ => Tokens.NewLink(time)).ToArray();
    }

    private static NpgsqlBatchCommand FactsCommand(IReadOnlyList<JoinRow> rows) => Sql.BatchCommand(
        $"SELECT {EntryFacts.Columns}, e.canonical_email FROM waitlist_entries e WHERE e.canonical_email = ANY($1)", [rows.Select(r => r.Email.Canonical).ToArray()]);

    private static NpgsqlBatchCommand WatchCommand(IReadOnlyList<JoinRow> rows) => Sql.BatchCommand(
        """
        INSERT INTO join_watches (token_hash, entry_id, site)
        SELECT w.hash, e.id, nullif(w.site, '') FROM ROWS FROM (unnest($1::bytea[]), unnest($2::text[]), unnest($3::text[])) AS w(hash, canonical, site) JOIN waitlist_entries e ON e.canonical_email = w.canonical
        ON CONFLICT (token_hash) DO NOTHING
        """,
        rows.Select(r => r.Watch!.TokenHash).ToArray(), rows.Select(r => r.Email.Canonical).ToArray(), rows.Select(r => r.Watch!.Site ?? "").ToArray());

    private static IReadOnlyList<string> Warnings(bool referralUnknown, bool sourceUnknown) =>
        (referralUnknown, sourceUnknown) switch
        {
            (true, true) => ["referral", "source"],
            (true, false) => ["referral"],
            (false, true) => ["source"],
            _ => [],
        };

    // generate_series has the planner expect a thousand rows in place of ten, so that a plan for any size joins them by hash.
    // LIMIT 1 keeps each look-up an index scan: without it a batch read the whole of a list that has few people yet.
    // A member who was never on the list gets an entry that is registered from the start.
    // Rows are inserted in key order and referrers locked in id order, so two batches cannot deadlock. A referrer always
    // exists before the statement, so inserted and bumped rows are different ones.
    // A friend's credit of no points is a row too, so that counting again by later rules finds it.
    private static readonly string InsertSql =
        $"""
        WITH {PointRules.InForce("$14", "$15")}, input AS MATERIALIZED (
          SELECT i.*, nextval('waitlist_position') AS position
          FROM ROWS FROM (unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), unnest($6::boolean[]), unnest($7::boolean[]), unnest($8::timestamptz[]),
              unnest($9::bytea[]), unnest($10::text[]), unnest($11::text[]), unnest($12::text[]), unnest($13::text[]), generate_series(1, cardinality($1::text[])))
            AS i(email, canonical, name, source, referral, verified, may_name, joined_at, email_hash, public_id, referral_token, status_token, confirm_token, ord)
        ), resolved AS MATERIALIZED (
          SELECT i.*, r.id AS referrer_id, s.id AS source_id, CASE WHEN s.retired_at IS NULL THEN coalesce(s.points, 0) ELSE 0 END AS source_points, p.reason IS NOT NULL AS suppressed, m.registered_at AS member_since
          FROM input i
          LEFT JOIN LATERAL (SELECT id FROM waitlist_entries WHERE i.referral <> '' AND referral_token = lower(i.referral) LIMIT 1) r ON true
          LEFT JOIN LATERAL (SELECT * FROM sources s WHERE i.source <> '' AND (s.slug = i.source OR i.may_name AND lower(s.name) = lower(i.source)) ORDER BY s.slug = i.source DESC LIMIT 1) s ON true
          LEFT JOIN LATERAL (SELECT reason FROM suppressions WHERE email_hash = i.email_hash LIMIT 1) p ON true
          LEFT JOIN LATERAL (SELECT registered_at FROM members WHERE canonical_email = i.canonical AND entry_id IS NULL LIMIT 1) m ON true
        ), first AS (
          SELECT DISTINCT ON (canonical) * FROM resolved ORDER BY canonical, ord
        ), added AS (
          INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, position, points, source_id, referred_by_id, referral_token, status_token,
            confirm_token, confirm_expires_at, joined_at, confirmed_at, registered_at, hold, hold_reason, import_id)
          SELECT public_id, email, canonical, name, CASE WHEN member_since IS NOT NULL THEN 'registered' WHEN verified THEN 'waiting' ELSE 'unconfirmed' END, position,
            CASE WHEN verified AND member_since IS NULL THEN source_points + CASE WHEN referrer_id IS NULL THEN 0 ELSE (SELECT arrived FROM rules) END ELSE 0 END,
            source_id, referrer_id, referral_token, status_token,
            CASE WHEN NOT verified THEN confirm_token END, CASE WHEN NOT verified THEN now() + $16 * interval '1 day' END,
            coalesce(joined_at, now()), CASE WHEN verified AND member_since IS NULL THEN now() END, member_since,
            CASE WHEN suppressed THEN 'suppressed' END, CASE WHEN suppressed THEN 'The address is suppressed.' END, $18::bigint
          FROM first ORDER BY canonical
          ON CONFLICT (canonical_email) DO NOTHING
          RETURNING id, canonical_email, email, name, status, source_id, referred_by_id, status_token, confirm_token, hold
        ), confirmed AS (
          SELECT * FROM added WHERE status = 'waiting'
        ), linked AS (
          UPDATE members m SET entry_id = a.id FROM added a WHERE a.status = 'registered' AND m.canonical_email = a.canonical_email
        ), locked AS MATERIALIZED (
          SELECT id FROM waitlist_entries WHERE id IN (SELECT referred_by_id FROM confirmed) ORDER BY id FOR NO KEY UPDATE
        ), ledger AS (
          -- A row about somebody else follows their lock, so that an entry's rows are numbered in the order they count.
          INSERT INTO points_ledger (entry_id, kind, cause, points)
          SELECT id, 'arrived', 'entry:' || referred_by_id, rules.arrived FROM confirmed, rules WHERE referred_by_id IS NOT NULL
          UNION ALL
          SELECT c.id, 'source', 'source:' || c.source_id, s.points FROM confirmed c JOIN sources s ON s.id = c.source_id WHERE s.points <> 0 AND s.retired_at IS NULL
          UNION ALL
          SELECT l.id, 'brought', 'entry:' || c.id, rules.brought FROM confirmed c JOIN locked l ON l.id = c.referred_by_id CROSS JOIN rules
        ), bumped AS (
          UPDATE waitlist_entries e SET points = e.points + b.points
          FROM (SELECT l.id, count(*)::int * (SELECT brought FROM rules) AS points FROM confirmed c JOIN locked l ON l.id = c.referred_by_id GROUP BY l.id) b
          WHERE e.id = b.id
        ), mailed AS (
          INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id)
          SELECT 'confirm', 'confirm:' || id, email, jsonb_build_object('name', name, 'confirmToken', confirm_token), id
          FROM added WHERE $17 AND status = 'unconfirmed' AND hold IS NULL
        )
        SELECT a.id IS NOT NULL AND f.ord IS NOT NULL, r.referral <> '' AND r.referrer_id IS NULL, r.source <> '' AND r.source_id IS NULL
        FROM resolved r LEFT JOIN added a ON a.canonical_email = r.canonical LEFT JOIN first f ON f.ord = r.ord
        ORDER BY r.ord
        """;
}
