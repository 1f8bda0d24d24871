using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Referrals;

/// <summary>What a reward gave: the number of codes, and the tier before and after it.</summary>
public sealed record RewardGiven(int Codes, string TierBefore, string Tier);

/// <summary>A member is rewarded once, until that is undone.</summary>
public sealed record AlreadyRewarded() : Failure("already-rewarded", "This member has been rewarded already. Each member can be rewarded once.");

/// <summary>
/// Thanks a member who brings people: tier VIP and 25 personal codes in one commit, with a reason. Once per member, by a unique key; <see cref="UndoReward"/>
/// takes it back. A reward that was taken back can be given again.
/// </summary>
public sealed class RewardMember(Transactions transactions, IOptions<InvitesOptions> options)
{
    public const int Codes = 25;
    public const string Tier = "vip";
    internal const int LongestReason = 500;

    public async Task<Outcome<RewardGiven>> One(Actor actor, string userId, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Mint) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, LongestReason, required: true);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<RewardGiven>(async connection =>
        {
            // Two at once meet in the unique key: the second waits for the first, adds nothing and is told so. The tier is read with the member's row locked.
            var members = await connection.Query(
                "SELECT id, tier FROM members WHERE public_id = $1 FOR NO KEY UPDATE", row => (Id: row.GetInt64(0), Tier: row.GetString(1)), cancel, userId);
            if (members.Count == 0)
            {
                return new NotFound("member");
            }

            var (id, before) = members[0];
            if (await connection.Scalar<long>(RewardSql, cancel, id, Codes, Tier, reason, actor.Name, before, CodeText.New(Codes), options.Value.PersonalDays) == 0)
            {
                return new AlreadyRewarded();
            }

            await connection.Audit(actor, "member.rewarded", "member", userId, cancel, before: new { Tier = before }, after: new { Tier, Codes }, reason: reason);
            return new RewardGiven(Codes, before, Tier);
        }, cancel);
    }

    private const string RewardSql =
        """
        WITH granted AS (
          INSERT INTO reward_grants (member_id, codes, tier, reason, by_staff, granted_by, tier_before) VALUES ($1, $2, $3, $4, true, $5, $6)
          ON CONFLICT (member_id) WHERE by_staff AND undone_at IS NULL DO NOTHING
          RETURNING id, member_id
        ), made AS (
          INSERT INTO invite_codes (code, shown, kind, owner_member_id, max_uses, expires_at)
          SELECT c.code, show_code(c.code), 'personal', g.member_id, 1, now() + $8 * interval '1 day' FROM granted g CROSS JOIN unnest($7::text[]) AS c(code)
          RETURNING id
        ), listed AS (
          INSERT INTO reward_codes (code_id, grant_id) SELECT m.id, g.id FROM made m CROSS JOIN granted g
        ), lifted AS (
          UPDATE members m SET tier = $3 FROM granted g WHERE m.id = g.member_id
        )
        SELECT count(*) FROM granted
        """;
}
