using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>Gives a member more personal codes, recorded as a grant.</summary>
public sealed class IssueCodes(Transactions transactions, LifetimeRules lifetimes)
{
    public const int MostAtOnce = 100;

    public async Task<Outcome<IReadOnlyList<GivenCode>>> ToMember(Actor actor, string userId, int count, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Mint) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        checks.Within("count", count, 1, MostAtOnce);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<IReadOnlyList<GivenCode>>(async connection =>
        {
            var codes = await connection.Query(IssueSql, row => new GivenCode(row.GetString(0), row.Time(1)), cancel, userId, count, CodeText.New(count), (await lifetimes.Now(connection, cancel)).PersonalDays);
            if (codes.Count == 0)
            {
                return new NotFound("member");
            }

            await connection.Audit(actor, "codes.issued", "member", userId, cancel, after: new { Count = count });
            return codes;
        }, cancel);
    }

    private const string IssueSql =
        """
        WITH member AS (SELECT id FROM members WHERE public_id = $1),
        granted AS (INSERT INTO reward_grants (member_id, codes, reason) SELECT id, $2, 'issued' FROM member)
        INSERT INTO invite_codes (code, shown, kind, owner_member_id, max_uses, expires_at)
        SELECT c.code, show_code(c.code), 'personal', m.id, 1, now() + $4 * interval '1 day' FROM member m CROSS JOIN unnest($3::text[]) AS c(code)
        RETURNING shown, expires_at
        """;
}
