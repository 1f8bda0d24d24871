using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Referrals;

/// <summary>There is no reward that could be taken back.</summary>
public sealed record NotRewarded() : Failure("not-rewarded", "There is no reward to take back: none was given, or it was taken back already.");

/// <summary>Somebody signed up with a code of the reward, so it stays.</summary>
public sealed record RewardUsed(int Used) : Failure(
    "reward-used", $"This reward can no longer be taken back: {Used} of its codes {(Used == 1 ? "has" : "have")} been used. The others can be revoked one by one.");

/// <summary>
/// Takes a reward back while none of its codes is used: the codes end, and the tier is what it was, unless a milestone or somebody else has set it
/// since. The codes' rows are locked first, as a redemption locks them, so that of an undo and a redemption at the same instant one wins.
/// </summary>
public sealed class UndoReward(Transactions transactions)
{
    public async Task<Outcome<int>> One(Actor actor, string userId, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Mint) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<int>(async connection =>
        {
            var codes = await connection.Query(CodesSql, row => (Grant: row.GetInt64(0), Code: row.GetInt64(1), Used: row.GetInt32(2)), cancel, userId);
            if (codes.Count == 0)
            {
                return new NotRewarded();
            }

            if (codes.Count(c => c.Used > 0) is > 0 and var used)
            {
                return new RewardUsed(used);
            }

            // Before the grant, as whoever rewards does.
            await connection.Execute("SELECT 1 FROM members WHERE public_id = $1 FOR NO KEY UPDATE", cancel, userId);
            var undone = await connection.Query(
                UndoSql, row => (Before: row.GetString(0), After: row.GetString(1)), cancel, codes[0].Grant, codes.Select(c => c.Code).ToArray());
            if (undone.Count == 0)
            {
                return new NotRewarded();
            }

            await connection.Audit(
                actor, "reward.undone", "member", userId, cancel, before: new { Tier = undone[0].Before, RewardMember.Codes }, after: new { Tier = undone[0].After, Codes = 0 });
            return codes.Count;
        }, cancel);
    }

    private const string CodesSql =
        """
        SELECT g.id, c.id, c.used_count
        FROM members m JOIN reward_grants g ON g.member_id = m.id AND g.by_staff AND g.undone_at IS NULL JOIN reward_codes k ON k.grant_id = g.id JOIN invite_codes c ON c.id = k.code_id
        WHERE m.public_id = $1 ORDER BY c.id FOR NO KEY UPDATE OF c
        """;

    private const string UndoSql =
        """
        WITH undone AS (
          UPDATE reward_grants g SET undone_at = clock_timestamp() FROM members m
          WHERE g.id = $1 AND m.id = g.member_id AND g.undone_at IS NULL
          RETURNING g.id, g.member_id, g.tier, g.tier_before, m.tier AS tier_now
        ), ended AS (
          UPDATE invite_codes SET status = 'revoked', revoked_at = clock_timestamp(), revoked_reason = 'Reward taken back.' WHERE id = ANY($2) AND status = 'active'
        ), earned AS (
          SELECT u.member_id, u.tier_now, CASE WHEN u.tier_now <> u.tier THEN u.tier_now ELSE coalesce(
            (SELECT o.tier FROM reward_grants o WHERE o.member_id = u.member_id AND o.id <> u.id AND o.tier IS NOT NULL AND o.undone_at IS NULL ORDER BY o.threshold DESC LIMIT 1), u.tier_before) END AS tier
          FROM undone u
        )
        UPDATE members m SET tier = e.tier FROM earned e WHERE m.id = e.member_id RETURNING e.tier_now, m.tier
        """;
}
