using InviteAdmin.Data;
using InviteAdmin.Redis;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>A member's place among those who bring others. <c>Downstream</c> counts everybody below them in the chain.</summary>
public sealed record LeaderboardRow(int Rank, string UserId, string Name, int Referrals, long Downstream, string Tier);

/// <summary>The first of the leaderboard as they stood at <c>AsOf</c>, at most five seconds ago.</summary>
public sealed record LeaderboardAnswer(IReadOnlyList<LeaderboardRow> Rows, DateTimeOffset AsOf);

/// <summary>One member of a chain. Depth 1 was brought by the member asked about; in the path to the root, depth counts upwards.</summary>
public sealed record ChainMember(string UserId, string Name, string Tier, int Depth, string? InvitedBy, int Referrals, DateTimeOffset RegisteredAt);

/// <summary>The path from a member up to who came in without a friend, and everybody below as far as asked. <c>Truncated</c> when there are more.</summary>
public sealed record ReferralChain(IReadOnlyList<ChainMember> Path, IReadOnlyList<ChainMember> Below, bool Truncated);

/// <summary>Reads of referrals.</summary>
public sealed class ReferralQueries(NpgsqlDataSource source, LeaderBoard board)
{
    /// <summary>The members with the most credited referrals; who registered first stands first among equals.</summary>
    public async Task<LeaderboardAnswer> Leaderboard(int limit, CancellationToken cancel)
    {
        var top = await board.Top(limit, cancel);
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rank = 0;
        if (top is { } known && known.Places.All(p => p.Downstream is not null))
        {
            var members = (await connection.Query(
                "SELECT id, public_id, name, tier FROM members WHERE id = ANY($1)", row => (Id: row.GetInt64(0), UserId: row.GetString(1), Name: row.GetString(2), Tier: row.GetString(3)), cancel,
                [known.Places.Select(p => p.MemberId).ToArray()])).ToDictionary(m => m.Id);
            // Whoever was erased since then is left out.
            return new([.. known.Places.Where(p => members.ContainsKey(p.MemberId)).Select(p => (Place: p, Member: members[p.MemberId]))
                .Select(x => new LeaderboardRow(++rank, x.Member.UserId, x.Member.Name, x.Place.Referrals, x.Place.Downstream!.Value, x.Member.Tier))], known.AsOf);
        }

        var now = new DateTimeOffset(await connection.Scalar<DateTime>("SELECT now()", cancel));
        return new(await connection.Query(
            """
            WITH RECURSIVE top AS MATERIALIZED (
              SELECT id, public_id, name, credited_referrals, tier FROM members WHERE credited_referrals > 0 ORDER BY credited_referrals DESC, id LIMIT $1
            ), down AS (
              SELECT t.id AS root, r.referred_member_id AS id FROM top t JOIN referrals r ON r.referrer_member_id = t.id AND r.status = 'credited'
              UNION ALL
              SELECT d.root, r.referred_member_id FROM down d JOIN referrals r ON r.referrer_member_id = d.id AND r.status = 'credited'
            )
            SELECT t.public_id, t.name, t.credited_referrals, (SELECT count(*) FROM down d WHERE d.root = t.id), t.tier
            FROM top t ORDER BY t.credited_referrals DESC, t.id
            """,
            row => new LeaderboardRow(++rank, row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3), row.GetString(4)), cancel, limit), now);
    }

    /// <summary>Of each member in $1, how many stand below.</summary>
    internal const string Below =
        """
        WITH RECURSIVE top AS (SELECT unnest($1::bigint[]) AS id), down AS (
          SELECT t.id AS root, r.referred_member_id AS id FROM top t JOIN referrals r ON r.referrer_member_id = t.id AND r.status = 'credited'
          UNION ALL
          SELECT d.root, r.referred_member_id FROM down d JOIN referrals r ON r.referrer_member_id = d.id AND r.status = 'credited'
        )
        SELECT t.id, (SELECT count(*) FROM down d WHERE d.root = t.id) FROM top t
        """;

    /// <summary>The chain around a member, at most 1,000 below, nearest first. The referrals of an unknown member are empty.</summary>
    public async Task<ReferralChain> Chain(string userId, int depth, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var path = await connection.Query($"{Up} ORDER BY w.depth", Read, cancel, userId);
        var below = await connection.Query(Down, Read, cancel, userId, depth);
        return new ReferralChain(path, [.. below.Take(MostBelow)], below.Count > MostBelow);
    }

    private const int MostBelow = 1_000;

    private const string Up =
        """
        WITH RECURSIVE way AS (
          SELECT r.referrer_member_id AS id, 1 AS depth FROM members m JOIN referrals r ON r.referred_member_id = m.id WHERE m.public_id = $1
          UNION ALL SELECT r.referrer_member_id, w.depth + 1 FROM way w JOIN referrals r ON r.referred_member_id = w.id
        ) SELECT m.public_id, m.name, m.tier, w.depth, b.public_id, m.credited_referrals, m.registered_at
        FROM way w JOIN members m ON m.id = w.id LEFT JOIN referrals r ON r.referred_member_id = m.id LEFT JOIN members b ON b.id = r.referrer_member_id
        """;

    // The LIMIT ends the recursion, which goes level by level: of a chain of 50,000 only the nearest are read.
    private const string Down =
        """
        WITH RECURSIVE way AS (
          SELECT r.referred_member_id AS id, 1 AS depth FROM members m JOIN referrals r ON r.referrer_member_id = m.id WHERE m.public_id = $1
          UNION ALL SELECT r.referred_member_id, w.depth + 1 FROM way w JOIN referrals r ON r.referrer_member_id = w.id WHERE w.depth < $2
        ) SELECT m.public_id, m.name, m.tier, w.depth, b.public_id, m.credited_referrals, m.registered_at
        FROM (SELECT * FROM way LIMIT 1001) w JOIN members m ON m.id = w.id JOIN referrals r ON r.referred_member_id = m.id JOIN members b ON b.id = r.referrer_member_id
        ORDER BY w.depth, m.id
        """;

    private static ChainMember Read(System.Data.Common.DbDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.Text(4), row.GetInt32(5), row.GetFieldValue<DateTimeOffset>(6));
}
