using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace InviteAdmin.Access;

/// <summary>The email belongs to a staff member already.</summary>
public sealed record StaffExists() : Failure("staff-exists", "Somebody with this email is on the team already.");

/// <summary>Puts a person on the team with one role.</summary>
public sealed class CreateStaff(UserManager<StaffUser> users, RoleManager<IdentityRole<long>> roles, InviteAdminDb db)
{
    public const int LeastPasswordCharacters = 12;

    /// <summary>The new staff member's id.</summary>
    public async Task<Outcome<long>> One(Actor actor, string? email, string? name, string? role, string? password, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        var address = checks.Email("email", email);
        var display = checks.Name("name", name);
        if (!Role.All.Contains(role, StringComparer.Ordinal))
        {
            checks.Refuse("role", $"Role is one of {string.Join(", ", Role.All)}.");
        }

        if (password is not { Length: >= LeastPasswordCharacters and <= 256 })
        {
            checks.Refuse("password", $"Password takes {LeastPasswordCharacters} to 256 characters.");
        }

        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        // Account, role and audit row are one: nobody is ever on the team without a role or off the record. Processes that start at once take turns.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await connection.Execute("LOCK TABLE staff_users IN SHARE ROW EXCLUSIVE MODE", cancel);
        if (!await roles.RoleExistsAsync(role!))
        {
            await roles.CreateAsync(new IdentityRole<long>(role!));
        }

        var user = new StaffUser { UserName = address.Address, Email = address.Address, DisplayName = display, EmailConfirmed = true, LockoutEnabled = true };
        var created = await users.CreateAsync(user, password!);
        if (!created.Succeeded)
        {
            return created.Errors.Any(e => e.Code.StartsWith("Duplicate", StringComparison.Ordinal))
                ? new StaffExists()
                : new Invalid("password", string.Join(" ", created.Errors.Select(e => e.Description)));
        }

        await users.AddToRoleAsync(user, role!);
        await connection.Audit(actor, "staff.created", "staff", $"{user.Id}", cancel, after: new { Role = role });
        await FaultPoints.Pass(FaultPoints.BeforeCommit);
        await transaction.CommitAsync(CancellationToken.None);
        await FaultPoints.Pass(FaultPoints.AfterCommit);
        return user.Id;
    }
}
