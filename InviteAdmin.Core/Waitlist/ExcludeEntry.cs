using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Waitlist;

/// <summary>The person is past the point where a release could pass them by, or held for another reason.</summary>
public sealed record CannotBeExcluded(string Why) : Failure("cannot-be-excluded", $"{Why} Nothing was changed.");

/// <summary>Lets releases pass a person by, and takes that back. Their place and points stay. Again changes nothing.</summary>
public sealed class ExcludeEntry(Transactions transactions)
{
    /// <param name="reason">Needed: whoever meets the person next wants to know.</param>
    public Task<Outcome<EntryFacts>> Exclude(Actor actor, string entryId, string? reason, CancellationToken cancel) =>
        Run(actor, entryId, reason, needed: true, "UPDATE waitlist_entries SET hold = 'excluded', hold_reason = $2 WHERE public_id = $1 AND hold IS NULL AND status IN ('unconfirmed', 'waiting')", "entry.excluded", cancel);

    public Task<Outcome<EntryFacts>> Include(Actor actor, string entryId, CancellationToken cancel) => Include(actor, entryId, null, cancel);

    public Task<Outcome<EntryFacts>> Include(Actor actor, string entryId, string? reason, CancellationToken cancel) =>
        Run(actor, entryId, reason, needed: false, "UPDATE waitlist_entries SET hold = NULL, hold_reason = NULL WHERE public_id = $1 AND hold = 'excluded'", "entry.included", cancel);

    private async Task<Outcome<EntryFacts>> Run(Actor actor, string entryId, string? reason, bool needed, string sql, string action, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500, needed);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        var excludes = action == "entry.excluded";
        return await transactions.Run<EntryFacts>(async connection =>
        {
            if ((excludes ? await connection.Execute(sql, cancel, entryId, reason) : await connection.Execute(sql, cancel, entryId)) > 0)
            {
                await connection.Audit(actor, action, "entry", entryId, cancel, before: new { Hold = excludes ? null : "excluded" }, after: new { Hold = excludes ? "excluded" : null }, reason: reason);
            }

            var facts = await connection.Query($"SELECT {EntryFacts.Columns}, e.hold FROM waitlist_entries e WHERE e.public_id = $1", row => (Entry: EntryFacts.Read(row), Hold: row.Text(10)), cancel, entryId);
            if (facts.Count == 0)
            {
                return new NotFound("entry");
            }

            var (entry, hold) = facts[0];
            return excludes && hold != "excluded" ? Refusal(entry.Status, hold) : entry;
        }, cancel);
    }

    private static CannotBeExcluded Refusal(EntryStatus status, string? hold) => new(status switch
    {
        EntryStatus.Invited => "This person is invited already. Revoke their code to take the invitation back.",
        EntryStatus.Registered => "This person has registered already.",
        EntryStatus.Declined => "This person has left the waitlist.",
        _ when hold is not null => $"This person is held already ({hold}).",
        _ => "This person moved at this moment.",
    });
}
