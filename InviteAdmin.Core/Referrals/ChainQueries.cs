using System.Globalization;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>Reads of one chain, step by step: each is one look into an index, however large the chain is.</summary>
public sealed class ChainQueries(NpgsqlDataSource source)
{
    /// <summary>So many children are shown at once.</summary>
    public const int Step = 50;

    /// <summary>A drawing with more could not be read.</summary>
    public const int MostDrawn = 300;

    /// <summary>The table by depth counts so many and says so.</summary>
    public const int MostCounted = 20_000;

    private const int LongestPath = 200;

    /// <summary>Null for an unknown id.</summary>
    public async Task<ChainHead?> Head(string userId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            $"""
            SELECT m.public_id, m.name, m.email, m.tier, m.credited_referrals, coalesce(c.held, 0), coalesce(c.downstream, 0), coalesce(c.depth, 0), coalesce(c.given, 0), coalesce(c.used, 0), m.registered_at,
              {RewardFacts.Columns}
            FROM members m LEFT JOIN referrer_counts c ON c.member_id = m.id {RewardFacts.Join}
            WHERE m.public_id = $1
            """,
            row => new ChainHead(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetInt32(5), row.GetInt32(6), row.GetInt32(7), row.GetInt32(8), row.GetInt32(9),
                row.GetFieldValue<DateTimeOffset>(10), RewardFacts.Read(row, 11)),
            cancel, userId)).FirstOrDefault();
    }

    /// <summary>From who came in without a friend down to whoever brought the member; at most 200, the nearest.</summary>
    public async Task<IReadOnlyList<ChainStep>> Path(string userId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(PathSql, row => new ChainStep(row.GetString(0), row.GetString(1)), cancel, userId);
    }

    /// <summary>Those directly below a member whose key is greater, credited and held.</summary>
    public async Task<ChainLevel> Below(string userId, long after, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var children = await connection.Query(
            ChildrenSql, row => new ChainChild(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5), row.GetInt32(6), row.GetInt64(7)),
            cancel, userId, after);
        var total = after == 0 && children.Count < Step ? children.Count : await connection.Scalar<long>(CountSql, cancel, userId);
        return new(children, total);
    }

    /// <summary>The member and the nearest below, level by level, for the drawing.</summary>
    public async Task<ChainDrawing> Nearest(string userId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query(
            NearestSql, row => (Id: row.GetInt64(0), Parent: row.GetInt64(1), Depth: row.GetInt32(2), UserId: row.GetString(3), Name: row.GetString(4)), cancel, userId);
        var drawn = rows.Take(MostDrawn).ToList();
        var index = drawn.Select((row, i) => (row.Id, i)).ToDictionary(x => x.Id, x => x.i);
        return new([.. drawn.Select(r => new ChainNode(r.UserId, r.Name, r.Depth, r.Depth == 0 ? -1 : index[r.Parent]))], rows.Count > MostDrawn);
    }

    /// <summary>How many stand at each depth below a member.</summary>
    public async Task<ChainDepths> Depths(string userId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var levels = await connection.Query(DepthsSql, row => new DepthCount(row.GetInt32(0), row.GetInt64(1)), cancel, userId);
        return new(levels, levels.Sum(l => l.Members) >= MostCounted);
    }

    private static readonly string PathSql = string.Create(CultureInfo.InvariantCulture, $"""
        WITH RECURSIVE way AS (
          SELECT r.referrer_member_id AS id, 1 AS step FROM members m JOIN referrals r ON r.referred_member_id = m.id WHERE m.public_id = $1 AND r.status <> 'rejected'
          UNION ALL SELECT r.referrer_member_id, w.step + 1 FROM way w JOIN referrals r ON r.referred_member_id = w.id AND r.status <> 'rejected' WHERE w.step < {LongestPath}
        ) SELECT m.public_id, m.name FROM way w JOIN members m ON m.id = w.id ORDER BY w.step DESC
        """);

    private static readonly string ChildrenSql = string.Create(CultureInfo.InvariantCulture, $"""
        SELECT r.id, m.public_id, m.name, m.tier, r.status, m.credited_referrals, coalesce(c.downstream, 0),
          CASE WHEN m.credited_referrals > 0 THEN m.credited_referrals ELSE (SELECT count(*) FROM (SELECT 1 FROM referrals b WHERE b.referrer_member_id = m.id AND b.status <> 'rejected' LIMIT 1) x) END
        FROM (SELECT * FROM referrals WHERE referrer_member_id = (SELECT id FROM members WHERE public_id = $1) AND id > $2 AND status <> 'rejected' ORDER BY id LIMIT {Step}) r
        JOIN members m ON m.id = r.referred_member_id LEFT JOIN referrer_counts c ON c.member_id = m.id ORDER BY r.id
        """);

    private const string CountSql =
        "SELECT count(*) FROM referrals WHERE referrer_member_id = (SELECT id FROM members WHERE public_id = $1) AND status <> 'rejected'";

    // The LIMIT ends the recursion, which goes level by level: of a large chain only the nearest are read.
    private static readonly string NearestSql = string.Create(CultureInfo.InvariantCulture, $"""
        WITH RECURSIVE way AS (
          SELECT id, 0::bigint AS parent, 0 AS depth FROM members WHERE public_id = $1
          UNION ALL SELECT r.referred_member_id, w.id, w.depth + 1 FROM way w JOIN referrals r ON r.referrer_member_id = w.id AND r.status = 'credited'
        ) SELECT w.id, w.parent, w.depth, m.public_id, m.name FROM (SELECT * FROM way LIMIT {MostDrawn + 1}) w JOIN members m ON m.id = w.id ORDER BY w.depth, w.parent, w.id
        """);

    private static readonly string DepthsSql = string.Create(CultureInfo.InvariantCulture, $"""
        WITH RECURSIVE way AS (
          SELECT r.referred_member_id AS id, 1 AS depth FROM members m JOIN referrals r ON r.referrer_member_id = m.id AND r.status = 'credited' WHERE m.public_id = $1
          UNION ALL SELECT r.referred_member_id, w.depth + 1 FROM way w JOIN referrals r ON r.referrer_member_id = w.id AND r.status = 'credited'
        ) SELECT depth, count(*) FROM (SELECT * FROM way LIMIT {MostCounted}) w GROUP BY 1 ORDER BY 1
        """);
}
