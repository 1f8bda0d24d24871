using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Invites;

/// <summary>A code of one use for a named person, who becomes a member of tier vip by it.</summary>
public sealed record VipRequest(string? Name, string? Email = null, int? ExpiresInDays = null);

/// <summary>Makes a VIP code; mailing it is left to whoever asked for it.</summary>
public sealed class CreateVipCode(Transactions transactions, LifetimeRules lifetimes)
{
    public async Task<Outcome<GivenCode>> One(Actor actor, VipRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Mint) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        var name = checks.Name("name", request.Name);
        var email = string.IsNullOrWhiteSpace(request.Email) ? default : checks.Email("email", request.Email);
        if (request.ExpiresInDays is { } asked)
        {
            checks.Within("expiresInDays", asked, 1, 3650);
        }

        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<GivenCode>(async connection =>
        {
            var code = CodeText.New();
            var days = request.ExpiresInDays ?? (await lifetimes.Now(connection, cancel)).VipDays;
            var made = (await connection.Query(
                """
                INSERT INTO invite_codes (code, shown, kind, tier, max_uses, expires_at, person_name, person_email)
                VALUES ($1, show_code($1), 'vip', 'vip', 1, now() + $2 * interval '1 day', $3, $4) RETURNING id, shown, expires_at
                """,
                row => (Id: row.GetInt64(0), Given: new GivenCode(row.GetString(1), row.Time(2))), cancel, code, days, name, email.Address))[0];
            await connection.Audit(actor, "code.vip", "code", $"{made.Id}", cancel, after: new { ExpiresInDays = days });
            return made.Given;
        }, cancel);
    }
}
