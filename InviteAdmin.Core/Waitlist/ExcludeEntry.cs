using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Waitlist;

/// <summary>Lets releases pass a person by, and takes that back. Their place and points stay.</summary>
public sealed class ExcludeEntry(Transactions transactions)
{
    public Task<Outcome<EntryFacts>> Exclude(Actor actor, string entryId, string? reason, CancellationToken cancel) =>
        Run(actor, entryId, reason, "UPDATE waitlist_entries SET hold = 'excluded', hold_reason = $2 WHERE public_id = $1 AND hold IS NULL", "entry.excluded", cancel);

    public Task<Outcome<EntryFacts>> Include(Actor actor, string entryId, CancellationToken cancel) =>
        Run(actor, entryId, null, "UPDATE waitlist_entries SET hold = NULL, hold_reason = $2 WHERE public_id = $1 AND hold = 'excluded'", "entry.included", cancel);

    private async Task<Outcome<EntryFacts>> Run(Actor actor, string entryId, string? reason, string sql, string action, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<EntryFacts>(async connection =>
        {
            if (await connection.Execute(sql, cancel, entryId, reason) > 0)
            {
                await connection.Audit(actor, action, "entry", entryId, cancel, reason: reason);
            }

            var facts = await connection.Query($"SELECT {EntryFacts.Columns} FROM waitlist_entries e WHERE e.public_id = $1", EntryFacts.Read, cancel, entryId);
            return facts.Count == 0 ? new NotFound("entry") : facts[0];
        }, cancel);
    }
}
