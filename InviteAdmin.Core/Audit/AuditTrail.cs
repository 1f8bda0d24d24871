using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Audit;

/// <summary>Writes the audit row of a staff or key action in the transaction of the action itself.</summary>
public static class AuditTrail
{
    /// <param name="before">Facts that changed, as they were; serialised to JSON. Never an address or a secret.</param>
    public static Task Audit(
        this NpgsqlConnection connection, Actor actor, string action, string targetKind, string targetId, CancellationToken cancel, object? before = null, object? after = null, string? reason = null) =>
        connection.Execute(
            """
            INSERT INTO audit_log (actor_kind, actor_id, actor_name, action, target_kind, target_id, before, after, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9)
            """,
            cancel, actor.Kind, actor.Id, actor.Name, action, targetKind, targetId, Json(before), Json(after), reason);

    private static string? Json(object? facts) => facts is null ? null : JsonSerializer.Serialize(facts, JsonSerializerOptions.Web);
}
