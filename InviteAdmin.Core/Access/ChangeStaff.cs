using System.Globalization;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Access;

/// <summary>Somebody must be able to change the team.</summary>
public sealed record LastOwner() : Failure("last-owner", "This is the last active owner. Make somebody else an owner first.");

/// <summary>
/// Changes the role of a person on the team, or closes and opens their account. Either ends their sessions: open dashboards within half a
/// minute, because the security stamp is another one.
/// </summary>
public sealed class ChangeStaff(Transactions transactions)
{
    /// <summary>A lock-out that ends this late is an account that was closed by hand, not one that rests after wrong passwords.</summary>
    internal const string Closed = "'9999-01-01 00:00:00+00'";

    /// <param name="from">The role that the form showed, so that two edits at once are seen.</param>
    public async Task<Outcome<bool>> ChangeRole(Actor actor, long id, string? from, string? to, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        if (!Role.All.Contains(to, StringComparer.Ordinal))
        {
            return new Invalid("role", $"Role is one of {string.Join(", ", Role.All)}.");
        }

        return await transactions.Run<bool>(async connection =>
        {
            var team = await Lock(connection, cancel);
            if (team.FirstOrDefault(m => m.Id == id) is not { } member)
            {
                return new NotFound("staff member");
            }

            if (member.Role != from)
            {
                return new StaleEdit();
            }

            if (member.Role == to)
            {
                return false;
            }

            if (IsLastOwner(team, member))
            {
                return new LastOwner();
            }

            await connection.Execute(
                """
                WITH known AS (
                  INSERT INTO staff_roles (name, normalized_name, concurrency_stamp) SELECT $2, upper($2), gen_random_uuid()::text
                  WHERE NOT EXISTS (SELECT 1 FROM staff_roles WHERE normalized_name = upper($2)) RETURNING id
                ), gone AS (
                  DELETE FROM staff_user_roles WHERE user_id = $1
                )
                UPDATE staff_users SET security_stamp = replace(gen_random_uuid()::text, '-', '') WHERE id = $1
                """, cancel, id, to);
            await connection.Execute("INSERT INTO staff_user_roles (user_id, role_id) SELECT $1, id FROM staff_roles WHERE normalized_name = upper($2)", cancel, id, to);
            await connection.Audit(actor, "staff.role", "staff", Text(id), cancel, before: new { member.Role }, after: new { Role = to });
            return true;
        }, cancel);
    }

    /// <summary>Closes an account, or opens it again. False when it was so already.</summary>
    public async Task<Outcome<bool>> Close(Actor actor, long id, bool closed, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<bool>(async connection =>
        {
            var team = await Lock(connection, cancel);
            if (team.FirstOrDefault(m => m.Id == id) is not { } member)
            {
                return new NotFound("staff member");
            }

            if (member.Closed == closed)
            {
                return false;
            }

            if (closed && IsLastOwner(team, member))
            {
                return new LastOwner();
            }

            await connection.Execute(
                $"""
                UPDATE staff_users SET lockout_enabled = true, lockout_end = CASE WHEN $2 THEN {Closed}::timestamptz END, access_failed_count = 0,
                  security_stamp = replace(gen_random_uuid()::text, '-', '') WHERE id = $1
                """, cancel, id, closed);
            await connection.Audit(actor, closed ? "staff.closed" : "staff.opened", "staff", Text(id), cancel, before: new { member.Closed }, after: new { Closed = closed }, reason: reason);
            return true;
        }, cancel);
    }

    // As when somebody is added: changes of the team take turns, so that two owners cannot remove each other at once.
    private static async Task<List<Member>> Lock(NpgsqlConnection connection, CancellationToken cancel)
    {
        await connection.Execute("LOCK TABLE staff_users IN SHARE ROW EXCLUSIVE MODE", cancel);
        return await connection.Query(
            $"""
            SELECT u.id, coalesce((SELECT r.name FROM staff_user_roles x JOIN staff_roles r ON r.id = x.role_id WHERE x.user_id = u.id ORDER BY r.id LIMIT 1), ''), coalesce(u.lockout_end >= {Closed}::timestamptz, false)
            FROM staff_users u
            """,
            row => new Member(row.GetInt64(0), row.GetString(1), row.GetBoolean(2)), cancel);
    }

    private static bool IsLastOwner(List<Member> team, Member member) =>
        member is { Role: Role.Owner, Closed: false } && !team.Exists(m => m.Id != member.Id && m is { Role: Role.Owner, Closed: false });

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private sealed record Member(long Id, string Role, bool Closed);
}
