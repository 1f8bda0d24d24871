using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Rollout;

namespace InviteAdmin.People;

/// <summary>Notes that a member was active on a day (UTC), for the gates' retention. Once a day counts; again changes nothing.</summary>
public sealed class RecordActivity(Transactions transactions, PlanClock clock)
{
    /// <summary>How many days back an activity may be told.</summary>
    public const int OldestDays = 30;

    public async Task<Outcome<bool>> One(Actor actor, string userId, DateTimeOffset? at, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Redeem) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<bool>(async connection =>
        {
            var now = await clock.Now(connection, cancel);
            var checks = new FieldChecks();
            checks.Moment("at", at ?? now, now, TimeSpan.FromDays(OldestDays));
            if (checks.Failure is { } invalid)
            {
                return invalid;
            }

            var known = await connection.Query(
                """
                WITH m AS (SELECT id FROM members WHERE public_id = $1), noted AS (INSERT INTO member_activity (member_id, day) SELECT id, $2::date FROM m ON CONFLICT DO NOTHING)
                SELECT id FROM m
                """,
                row => row.GetInt64(0), cancel, userId, DateOnly.FromDateTime((at ?? now).UtcDateTime));
            return known.Count > 0 ? true : new NotFound("member");
        }, cancel);
    }
}
