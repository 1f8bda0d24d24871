using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Rollout;

/// <summary>The person is not one who waits and may be invited; the sentence says how they stand.</summary>
public sealed record CannotBeInvited(string Why) : Failure("cannot-be-invited", $"{Why} Nothing was sent.");

/// <summary>
/// Invites one person, whatever their rank: a release of one by the rules of every release, with its capacity, its cohort and its undo window.
/// Asked twice, the second is told that they are invited already.
/// </summary>
public sealed class InvitePerson(Transactions transactions, ReleaseCohort release)
{
    /// <param name="reason">Why this person now; it stands with the cohort.</param>
    public async Task<Outcome<CohortFacts>> One(Actor actor, string entryId, string? reason, CancellationToken cancel)
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

        return await transactions.Run<CohortFacts>(async connection =>
        {
            // The plan's row first, as every release: whoever waited for it then sees what the others did.
            await PlanLock.Take(connection, cancel);
            var found = await connection.Query(
                """
                SELECT e.status, e.hold, c.number, c.created_by FROM waitlist_entries e LEFT JOIN cohorts c ON c.id = e.cohort_id AND e.status = 'invited' WHERE e.public_id = $1
                """,
                row => (Status: row.GetString(0), Hold: row.Text(1), Cohort: row.IsDBNull(2) ? (int?)null : row.GetInt32(2), By: row.Text(3)), cancel, entryId);
            if (found.Count == 0)
            {
                return new NotFound("entry");
            }

            var (status, hold, cohort, by) = found[0];
            if (Why(status, hold, cohort, by) is { } why)
            {
                return new CannotBeInvited(why);
            }

            var outcome = await release.Release(connection, actor, new ReleaseRequest(1, reason, null, [entryId]), batch: null, cancel);
            return outcome.Failure is NobodyWaiting ? new CannotBeInvited("This person left the queue at this moment.") : outcome;
        }, cancel);
    }

    private static string? Why(string status, string? hold, int? cohort, string? by) => (status, hold) switch
    {
        ("invited", _) => cohort is null ? "This person is invited already." : $"This person is invited already, in cohort {cohort} by {by}.",
        ("registered", _) => "This person has registered already.",
        ("declined", _) => "This person has left the waitlist.",
        ("unconfirmed", _) => "This person has not confirmed their email yet.",
        (_, "excluded") => "This person is excluded. Include them again first.",
        (_, "suppressed") => "This person's address gets no mail.",
        (_, not null) => "This person is held for review.",
        _ => null,
    };
}
