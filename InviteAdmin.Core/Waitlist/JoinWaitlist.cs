using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>A person asks for a place. <c>Source</c> is a registered source's slug; keys and staff may give its name.</summary>
public sealed record JoinRequest(string? Email, string? Name, string? Source = null, string? Referral = null, bool EmailVerified = false);

/// <summary>The entry, whether it is new, and what of the request was ignored.</summary>
public sealed record JoinAnswer(bool IsNew, EntryFacts Entry, IReadOnlyList<string> Warnings);

/// <summary>
/// Puts people on the waitlist: one entry per canonical email, however often and by however many callers it is asked for.
/// Points follow when the email is confirmed; a verified email is confirmed at once.
/// </summary>
public sealed class JoinWaitlist(Transactions transactions, EmailHash emailHash, TimeProvider time, IOptions<WaitlistOptions> options)
{
    internal WaitlistOptions Rules => options.Value;

    public async Task<Outcome<JoinAnswer>> One(Actor actor, JoinRequest request, CancellationToken cancel) =>
        (await Many(actor, [request], cancel))[0];

    /// <summary>Joins that arrive together share one statement and one commit; each gets its own answer, in order.</summary>
    public async Task<IReadOnlyList<Outcome<JoinAnswer>>> Many(Actor actor, IReadOnlyList<JoinRequest> requests, CancellationToken cancel)
    {
        var answers = new Outcome<JoinAnswer>[requests.Count];
        var rows = new List<JoinRow>(requests.Count);
        for (var i = 0; i < requests.Count; i++)
        {
            if (actor.Refuse(Permission.Join) is { } refused)
            {
                answers[i] = refused;
            }
            else if (Check(actor, requests[i], out var row) is { } invalid)
            {
                answers[i] = invalid;
            }
            else
            {
                rows.Add(row with { Index = i, EmailHash = await emailHash.Of(row.Email.Canonical, cancel) });
            }
        }

        if (rows.Count > 0)
        {
            await transactions.Run(async connection =>
            {
                var added = await Insert(connection, rows, mail: true, importId: null, cancel);
                var known = rows.Where((_, n) => !added[n].IsNew).ToList();
                if (known.Count > 0)
                {
                    await JoinAgain.Answer(connection, known, options.Value, cancel);
                }

                var facts = await Facts(connection, rows, cancel);
                for (var n = 0; n < rows.Count; n++)
                {
                    answers[rows[n].Index] = new JoinAnswer(added[n].IsNew, facts[rows[n].Email.Canonical], added[n].Warnings);
                }

                return true;
            }, cancel);
        }

        return answers;
    }

    /// <summary>Adds checked rows in the caller's transaction; row n of the result belongs to row n given.</summary>
    internal async Task<IReadOnlyList<(bool IsNew, IReadOnlyList<string> Warnings)>> Insert(
        NpgsqlConnection connection, IReadOnlyList<JoinRow> rows, bool mail, long? importId, CancellationToken cancel)
    {
        var rules = options.Value;
        return await connection.Query(
            InsertSql,
            row => (row.GetBoolean(0), Warnings(row.GetBoolean(1), row.GetBoolean(2))),
            cancel,
            rows.Select(r => r.Email.Address).ToArray(), rows.Select(r => r.Email.Canonical).ToArray(), rows.Select(r => r.Name).ToArray(),
            rows.Select(r => r.Source ?? "").ToArray(), rows.Select(r => r.Referral ?? "").ToArray(), rows.Select(r => r.Verified).ToArray(),
            rows.Select(r => r.MayNameSource).ToArray(), rows.Select(r => r.JoinedAt).ToArray(), rows.Select(r => r.EmailHash).ToArray(),
            rows.Select(_ => Tokens.NewId("wl", time)).ToArray(), Links(rows.Count), Links(rows.Count), Links(rows.Count),
            rules.ArrivedPoints, rules.BroughtPoints, rules.ConfirmDays, mail, importId ?? (object)DBNull.Value);

        string[] Links(int count) => Enumerable.Range(0, count).Select(_ => Tokens.NewLink(time)).ToArray();
    }

    private static Invalid? Check(Actor actor, JoinRequest request, out JoinRow row)
    {
        var checks = new FieldChecks();
        row = new JoinRow(
            checks.Email("email", request.Email), checks.Name("name", request.Name), checks.Text("source", request.Source, 100), checks.Text("referral", request.Referral, 100),
            request.EmailVerified && actor.Kind != "public", actor.Kind != "public", null);
        return checks.Failure;
    }

    private static IReadOnlyList<string> Warnings(bool referralUnknown, bool sourceUnknown) =>
        (referralUnknown, sourceUnknown) switch
        {
            (true, true) => ["referral", "source"],
            (true, false) => ["referral"],
            (false, true) => ["source"],
            _ => [],
        };

    private static async Task<Dictionary<string, EntryFacts>> Facts(NpgsqlConnection connection, List<JoinRow> rows, CancellationToken cancel) =>
        (await connection.Query(
            $"SELECT {EntryFacts.Columns}, e.canonical_email FROM waitlist_entries e WHERE e.canonical_email = ANY($1)",
            row => (Email: row.GetString(10), Facts: EntryFacts.Read(row)),
            cancel,
            [rows.Select(r => r.Email.Canonical).ToArray()])).ToDictionary(x => x.Email, x => x.Facts, StringComparer.Ordinal);

    // LIMIT 1 keeps each look-up an index scan: without it a batch read the whole of a list that has few people yet.
    // A member who was never on the list gets an entry that is registered from the start.
    // Rows are inserted in key order and referrers locked in id order, so two batches cannot deadlock. A referrer always
    // exists before the statement, so inserted and bumped rows are different ones.
    private const string InsertSql =
        """
        WITH input AS MATERIALIZED (
          SELECT i.*, nextval('waitlist_position') AS position
          FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::boolean[], $8::timestamptz[], $9::bytea[], $10::text[], $11::text[], $12::text[], $13::text[])
            WITH ORDINALITY AS i(email, canonical, name, source, referral, verified, may_name, joined_at, email_hash, public_id, referral_token, status_token, confirm_token, ord)
        ), resolved AS MATERIALIZED (
          SELECT i.*, r.id AS referrer_id, s.id AS source_id, coalesce(s.points, 0) AS source_points, p.reason IS NOT NULL AS suppressed, m.registered_at AS member_since
          FROM input i
          LEFT JOIN LATERAL (SELECT id FROM waitlist_entries WHERE i.referral <> '' AND referral_token = lower(i.referral) LIMIT 1) r ON true
          LEFT JOIN LATERAL (SELECT * FROM sources s WHERE i.source <> '' AND (s.slug = i.source OR i.may_name AND lower(s.name) = lower(i.source)) ORDER BY s.slug = i.source DESC LIMIT 1) s ON true
          LEFT JOIN suppressions p ON p.email_hash = i.email_hash
          LEFT JOIN LATERAL (SELECT registered_at FROM members WHERE canonical_email = i.canonical AND entry_id IS NULL LIMIT 1) m ON true
        ), first AS (
          SELECT DISTINCT ON (canonical) * FROM resolved ORDER BY canonical, ord
        ), added AS (
          INSERT INTO waitlist_entries (public_id, email, canonical_email, name, status, position, points, source_id, referred_by_id, referral_token, status_token,
            confirm_token, confirm_expires_at, joined_at, confirmed_at, registered_at, hold, hold_reason, import_id)
          SELECT public_id, email, canonical, name, CASE WHEN member_since IS NOT NULL THEN 'registered' WHEN verified THEN 'waiting' ELSE 'unconfirmed' END, position,
            CASE WHEN verified AND member_since IS NULL THEN source_points + CASE WHEN referrer_id IS NULL THEN 0 ELSE $14 END ELSE 0 END,
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
        ), ledger AS (
          INSERT INTO points_ledger (entry_id, kind, cause, points)
          SELECT id, 'arrived', 'entry:' || referred_by_id, $14 FROM confirmed WHERE referred_by_id IS NOT NULL AND $14 <> 0
          UNION ALL
          SELECT c.id, 'source', 'source:' || c.source_id, s.points FROM confirmed c JOIN sources s ON s.id = c.source_id WHERE s.points <> 0
          UNION ALL
          SELECT referred_by_id, 'brought', 'entry:' || id, $15 FROM confirmed WHERE referred_by_id IS NOT NULL AND $15 <> 0
        ), locked AS MATERIALIZED (
          SELECT id FROM waitlist_entries WHERE id IN (SELECT referred_by_id FROM confirmed) ORDER BY id FOR NO KEY UPDATE
        ), bumped AS (
          UPDATE waitlist_entries e SET points = e.points + b.points
          FROM (SELECT l.id, count(*)::int * $15 AS points FROM confirmed c JOIN locked l ON l.id = c.referred_by_id GROUP BY l.id) b
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

/// <summary>A join whose fields have been checked.</summary>
internal sealed record JoinRow(EmailAddress Email, string Name, string? Source, string? Referral, bool Verified, bool MayNameSource, DateTimeOffset? JoinedAt)
{
    public int Index { get; init; }

    public byte[] EmailHash { get; init; } = [];
}
