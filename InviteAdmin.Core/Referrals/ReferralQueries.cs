using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>A member's place among those who bring others. <c>Downstream</c> counts everybody below them in the chain.</summary>
public sealed record LeaderboardRow(int Rank, string UserId, string Name, int Referrals, long Downstream, string Tier);

/// <summary>Reads of referrals.</summary>
public sealed class ReferralQueries(NpgsqlDataSource source)
{
    /// <summary>The members with the most credited referrals; who registered first stands first among equals.</summary>
    public async Task<IReadOnlyList<LeaderboardRow>> Leaderboard(int limit, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rank = 0;
        return await connection.Query(
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
            row => new LeaderboardRow(++rank, row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3), row.GetString(4)), cancel, limit);
    }
}
