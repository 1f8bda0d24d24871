using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>Confirms an email by its mailed token: the entry starts to wait, and the points it earned and gave are credited, once.</summary>
public sealed class ConfirmEmail(SharedCommit<string, EntryFacts> shared, RequestKey key)
{
    /// <summary>Confirmations that arrive together share a commit. A token used again answers with the same entry.</summary>
    public async Task<Outcome<EntryFacts>> One(Actor actor, string? token, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Join) is { } refused)
        {
            return refused;
        }

        return await Telemetry.Watch(async () => token is { Length: > 0 and <= 100 } && People.PlainText.IsClean(token)
            ? await shared.Add(token.Trim().ToLowerInvariant(), key.Once, cancel)
            : new TokenUnknown());
    }
}

/// <summary>The statements that confirm emails by their tokens.</summary>
internal sealed class ConfirmWrite(PointRules points) : ISharedWrite<string, EntryFacts>
{
    public string KeyOf(string item) => item;

    public async Task<IReadOnlyList<Outcome<EntryFacts>>> Write(NpgsqlConnection connection, IReadOnlyList<string> items, CancellationToken cancel)
    {
        var wanted = items.ToArray();
        var found = await connection.Query(
            "SELECT id, confirm_token, status = 'unconfirmed', confirm_expires_at <= now() FROM waitlist_entries WHERE confirm_token = ANY($1)",
            row => (Id: row.GetInt64(0), Token: row.GetString(1), Open: row.GetBoolean(2), Expired: row.GetBoolean(3)), cancel, [wanted]);
        await Confirm(connection, [.. found.Where(f => f.Open && !f.Expired).Select(f => f.Id)], points, mail: true, cancel);
        var facts = (await connection.Query(
            $"SELECT {EntryFacts.Columns}, e.confirm_token FROM waitlist_entries e WHERE e.confirm_token = ANY($1)",
            row => (Token: row.GetString(10), Facts: EntryFacts.Read(row)), cancel, [wanted])).ToDictionary(x => x.Token, x => x.Facts, StringComparer.Ordinal);
        var expired = found.Where(f => f.Open && f.Expired).Select(f => f.Token).ToHashSet(StringComparer.Ordinal);
        return [.. wanted.Select(t => !facts.TryGetValue(t, out var entry) ? new TokenUnknown() : expired.Contains(t) ? (Outcome<EntryFacts>)new TokenExpired() : entry)];
    }

    /// <summary>Confirms entries by id in the caller's transaction; those not unconfirmed any more are left as they are.</summary>
    internal static Task Confirm(NpgsqlConnection connection, IReadOnlyList<long> ids, PointRules points, bool mail, CancellationToken cancel) =>
        ids.Count == 0 ? Task.CompletedTask : connection.Execute(ConfirmSql, cancel, [ids.ToArray(), .. points.Parameters, mail]);

    // Own rows and referrers' rows are locked together in id order; each row is then updated once with all it earned,
    // because a second update of a row in the same statement would be lost.
    private static readonly string ConfirmSql =
        $"""
        WITH {PointRules.InForce("$2", "$3")}, locked AS MATERIALIZED (
          SELECT e.id, e.status, e.referred_by_id, e.source_id FROM waitlist_entries e
          WHERE e.id IN (SELECT unnest($1::bigint[]) UNION SELECT t.referred_by_id FROM waitlist_entries t WHERE t.id = ANY($1))
          ORDER BY e.id FOR NO KEY UPDATE
        ), fresh AS MATERIALIZED (
          SELECT l.id, l.referred_by_id, l.source_id, CASE WHEN s.retired_at IS NULL THEN coalesce(s.points, 0) ELSE 0 END AS source_points
          FROM locked l LEFT JOIN sources s ON s.id = l.source_id WHERE l.id = ANY($1) AND l.status = 'unconfirmed'
        ), credits AS MATERIALIZED (
          SELECT id AS entry_id, 'arrived' AS kind, 'entry:' || referred_by_id AS cause, arrived AS points FROM fresh, rules WHERE referred_by_id IS NOT NULL
          UNION ALL SELECT id, 'source', 'source:' || source_id, source_points FROM fresh WHERE source_points <> 0
          UNION ALL SELECT referred_by_id, 'brought', 'entry:' || id, brought FROM fresh, rules WHERE referred_by_id IS NOT NULL
        ), ledger AS (
          INSERT INTO points_ledger (entry_id, kind, cause, points) SELECT * FROM credits
        ), changed AS (
          UPDATE waitlist_entries e
          SET points = e.points + d.points,
              status = CASE WHEN d.fresh THEN 'waiting' ELSE e.status END,
              confirmed_at = CASE WHEN d.fresh THEN now() ELSE e.confirmed_at END
          FROM (SELECT id, sum(points)::int AS points, bool_or(fresh) AS fresh
                FROM (SELECT id, 0 AS points, true AS fresh FROM fresh UNION ALL SELECT entry_id, points, false FROM credits) x GROUP BY id) d
          WHERE e.id = d.id
          RETURNING e.id, e.email, e.name, e.status_token, e.referral_token, e.hold, d.fresh
        )
        INSERT INTO outbox (template, dedupe_key, recipient, payload, entry_id)
        SELECT 'welcome', 'welcome:' || id, email, jsonb_build_object('name', name, 'statusToken', status_token, 'referralToken', referral_token), id
        FROM changed WHERE fresh AND $4 AND hold IS DISTINCT FROM 'suppressed'
        """;
}
