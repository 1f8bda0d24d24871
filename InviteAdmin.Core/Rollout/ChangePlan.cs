using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Rollout;

/// <summary>The plan's settings as a person edits them. <c>Version</c> is the one they read.</summary>
public sealed record PlanRequest(string? Zone, string? SendAt, IReadOnlyList<string>? Days, int BatchSize, int? Capacity, uint Version);

/// <summary>Somebody else saved the plan in the meantime.</summary>
public sealed record PlanChanged() : Failure("plan-changed", "Somebody else changed the plan while you were editing. Look at their version, then save again.");

/// <summary>Edits, starts, pauses and resumes the plan in force. Pausing stops every release, the button's too.</summary>
public sealed class ChangePlan(Transactions transactions)
{
    private static readonly string[] Week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    public async Task<Outcome<bool>> Edit(Actor actor, PlanRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        if (request.Zone is null || !TimeZoneInfo.TryFindSystemTimeZoneById(request.Zone, out _))
        {
            checks.Refuse("zone", "Zone is a name like Europe/Berlin.");
        }

        if (!TimeOnly.TryParseExact(request.SendAt, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var sendAt))
        {
            checks.Refuse("sendAt", "Send at is a time of day like 09:00.");
        }

        var days = Week.Where(d => request.Days?.Contains(d, StringComparer.Ordinal) == true).ToArray();
        if (days.Length == 0 || request.Days!.Any(d => !Week.Contains(d, StringComparer.Ordinal)))
        {
            checks.Refuse("days", "Choose at least one day of the week.");
        }

        checks.Within("batchSize", request.BatchSize, 1, ReleaseCohort.MostPeople);
        if (request.Capacity is { } capacity)
        {
            checks.Within("capacity", capacity, 0, 100_000_000);
        }

        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<bool>(async connection =>
        {
            var before = await connection.Query(
                "SELECT zone, to_char(send_at, 'HH24:MI'), days, batch_size, capacity FROM rollout_plans WHERE is_current FOR NO KEY UPDATE",
                row => new { Zone = row.GetString(0), SendAt = row.GetString(1), Days = row.GetFieldValue<string[]>(2), BatchSize = row.GetInt32(3), Capacity = row.IsDBNull(4) ? (int?)null : row.GetInt32(4) }, cancel);
            var changed = await connection.Query(
                """
                UPDATE rollout_plans SET zone = $1, send_at = $2, days = $3, batch_size = $4, capacity = $5 WHERE is_current AND xmin = $6::text::xid RETURNING id
                """,
                row => row.GetInt64(0), cancel, request.Zone, sendAt, days, request.BatchSize, request.Capacity, request.Version.ToString(CultureInfo.InvariantCulture));
            if (changed.Count == 0)
            {
                return new PlanChanged();
            }

            await connection.Audit(actor, "plan.edited", "plan", $"{changed[0]}", cancel, before: before[0], after: new { request.Zone, request.SendAt, Days = days, request.BatchSize, request.Capacity });
            return true;
        }, cancel);
    }

    /// <summary>Starts a draft, or goes on after a pause.</summary>
    public Task<Outcome<bool>> Run(Actor actor, string? reason, CancellationToken cancel) => To(actor, "running", reason, cancel);

    public Task<Outcome<bool>> Pause(Actor actor, string? reason, CancellationToken cancel) => To(actor, "paused", reason, cancel);

    private async Task<Outcome<bool>> To(Actor actor, string state, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
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
            var changed = await connection.Query(
                "UPDATE rollout_plans SET state = $1, paused_by = $2, paused_reason = $3 WHERE is_current AND state <> $1 RETURNING id",
                row => row.GetInt64(0), cancel, state, state == "paused" ? actor.Name : null, state == "paused" ? reason : null);
            if (changed.Count > 0)
            {
                await connection.Audit(actor, $"plan.{state}", "plan", $"{changed[0]}", cancel, reason: reason);
            }

            return changed.Count > 0;
        }, cancel);
    }
}
