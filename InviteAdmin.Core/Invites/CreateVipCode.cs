using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>A code of one use for a named person, who becomes a member of tier vip by it.</summary>
/// <param name="Mail">Mail it to <c>Email</c>, after the ten seconds in which it can be taken back: a code that is revoked before that is not mailed.</param>
/// <param name="RequestKey">Made when the form was shown: the same key again answers with the code it made.</param>
public sealed record VipRequest(string? Name, string? Email = null, int? ExpiresInDays = null, bool Mail = false, string? RequestKey = null);

/// <summary>Makes a VIP code, and mails it when asked to.</summary>
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

        if (request.Mail && string.IsNullOrWhiteSpace(request.Email))
        {
            checks.Refuse("email", "Email is needed to mail the code.");
        }

        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<GivenCode>(async connection =>
        {
            if (await MadeBefore(connection, request.RequestKey, cancel) is { } before)
            {
                return before;
            }

            var code = CodeText.New();
            var days = request.ExpiresInDays ?? (await lifetimes.Now(connection, cancel)).VipDays;
            var made = (await connection.Query(
                """
                INSERT INTO invite_codes (code, shown, kind, tier, max_uses, expires_at, person_name, person_email)
                VALUES ($1, show_code($1), 'vip', 'vip', 1, now() + $2 * interval '1 day', $3, $4) RETURNING id, shown, expires_at
                """,
                row => (Id: row.GetInt64(0), Given: new GivenCode(row.GetString(1), row.Time(2))), cancel, code, days, name, email.Address))[0];
            if (request.Mail)
            {
                // Two seconds more than the way back is shown for, so that who takes it at its last moment is not too late.
                await connection.Execute(
                    """
                    INSERT INTO outbox (template, dedupe_key, recipient, payload, code_id, due_at)
                    VALUES ('vip', 'vip:' || $1::bigint, $2, jsonb_build_object('name', $3::text, 'code', $4::text, 'expiresAt', $5::timestamptz), $1, now() + interval '12 seconds')
                    """, cancel, made.Id, email.Address, name, made.Given.Code, made.Given.ExpiresAt);
            }

            await connection.Audit(actor, "code.vip", "code", $"{made.Id}", cancel, after: new { ExpiresInDays = days, Mailed = request.Mail, request.RequestKey });
            return made.Given;
        }, cancel);
    }

    // The form's key is held until the commit, and stands in the audit row, which nobody can take away.
    private static async Task<GivenCode?> MadeBefore(NpgsqlConnection connection, string? requestKey, CancellationToken cancel)
    {
        if (requestKey is null)
        {
            return null;
        }

        await connection.Execute("SELECT pg_advisory_xact_lock(hashtextextended('vip:' || $1, 0))", cancel, requestKey);
        return (await connection.Query(
            """
            SELECT k.shown, k.expires_at FROM invite_codes k WHERE k.kind = 'vip' AND k.created_at > now() - interval '1 day'
              AND EXISTS (SELECT 1 FROM audit_log a WHERE a.target_kind = 'code' AND a.target_id = k.id::text AND a.action = 'code.vip' AND a.after ->> 'requestKey' = $1)
            ORDER BY k.id DESC LIMIT 1
            """,
            row => new GivenCode(row.GetString(0), row.Time(1)), cancel, requestKey)).FirstOrDefault();
    }
}
