using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Access;

/// <summary>A person on the team.</summary>
/// <param name="Resting">Locked for a while after too many wrong passwords.</param>
public sealed record StaffRow(long Id, string Name, string Email, string Role, bool Closed, bool Resting, DateTimeOffset? LastSignInAt);

/// <summary>Reads of the team.</summary>
public sealed class StaffQueries(NpgsqlDataSource source)
{
    private const int Most = 500;

    /// <summary>Open accounts first, by name.</summary>
    public async Task<IReadOnlyList<StaffRow>> All(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            $"""
            SELECT u.id, u.display_name, coalesce(u.email, ''), coalesce((SELECT r.name FROM staff_user_roles x JOIN staff_roles r ON r.id = x.role_id WHERE x.user_id = u.id ORDER BY r.id LIMIT 1), ''),
              coalesce(u.lockout_end >= {ChangeStaff.Closed}::timestamptz, false) AS closed, coalesce(u.lockout_end > now(), false), u.last_sign_in_at
            FROM staff_users u ORDER BY closed, lower(u.display_name), u.id LIMIT {Most}
            """,
            row => new StaffRow(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4), row.GetBoolean(5) && !row.GetBoolean(4), row.Time(6)), cancel);
    }

    /// <summary>Notes that somebody came in.</summary>
    public async Task CameIn(long id, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await connection.Execute("UPDATE staff_users SET last_sign_in_at = now() WHERE id = $1", cancel, id);
    }
}
