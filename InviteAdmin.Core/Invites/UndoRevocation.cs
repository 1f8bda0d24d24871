using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using Npgsql;

namespace InviteAdmin.Invites;

/// <summary>The ten seconds are over, or the person has moved on: the revocation stands.</summary>
public sealed record RevocationStands(string Why) : Failure("revocation-stands", Why);

/// <summary>How many codes work again.</summary>
public sealed record RevocationUndone(int Codes);

/// <summary>
/// Takes a revocation back within its ten seconds: codes work again, the person of an invitation is invited again at their old cohort, mail that had not left
/// goes out after all. The row of the revocation decides, under its lock and by the database's clock: once, whoever asks and how often.
/// Locks: the plan (an invitation takes its seat again), the cohort, the revocation, codes, entries.
/// </summary>
public sealed class UndoRevocation(Transactions transactions)
{
    public Task<Outcome<RevocationUndone>> OfCode(Actor actor, string code, CancellationToken cancel) => Run(actor, Permission.Assist, async connection =>
    {
        var found = await connection.Query(
            """
            SELECT r.id, k.id, k.kind, k.cohort_id FROM invite_codes k LEFT JOIN LATERAL (SELECT id FROM code_revocations WHERE code_id = k.id ORDER BY id DESC LIMIT 1) r ON true WHERE k.code = $1
            """,
            row => (Revocation: row.IsDBNull(0) ? (long?)null : row.GetInt64(0), Code: row.GetInt64(1), Kind: row.GetString(2), Cohort: row.IsDBNull(3) ? (long?)null : row.GetInt64(3)), cancel, CodeText.Canonical(code));
        if (found.Count == 0)
        {
            return new CodeUnknown();
        }

        if (found[0].Revocation is not { } revocation)
        {
            return new RevocationStands("There is nothing to undo: nobody has revoked this code by hand.");
        }

        if (found[0].Kind == "waitlist" && await SeatIsTaken(connection, found[0].Cohort, cancel) is { } taken)
        {
            return taken;
        }

        return await Undo(connection, actor, revocation, "code", $"{found[0].Code}", GiveBackCode, cancel);
    }, cancel);

    public Task<Outcome<RevocationUndone>> OfCampaign(Actor actor, string slug, CancellationToken cancel) => Run(actor, Permission.Mint, async connection =>
    {
        var found = await connection.Query(
            "SELECT p.public_id, p.codes, (SELECT r.id FROM code_revocations r WHERE r.campaign_id = p.id ORDER BY r.id DESC LIMIT 1) FROM campaigns p WHERE p.slug = $1",
            row => (Id: row.GetString(0), Codes: row.GetInt32(1), Revocation: row.IsDBNull(2) ? (long?)null : row.GetInt64(2)), cancel, slug);
        if (found.Count == 0)
        {
            return new NotFound("campaign");
        }

        LongWork.Begin(found[0].Codes);
        return found[0].Revocation is { } revocation
            ? await Undo(connection, actor, revocation, "campaign", found[0].Id, GiveBackCampaign, cancel)
            : new RevocationStands("There is nothing to undo: this campaign was not revoked.");
    }, cancel);

    private async Task<Outcome<RevocationUndone>> Run(Actor actor, Permission permission, Func<NpgsqlConnection, Task<Outcome<RevocationUndone>>> work, CancellationToken cancel) =>
        actor.Refuse(permission) is { } refused ? refused : await transactions.Run(work, cancel);

    // An invitation given back is a seat taken again, in a cohort that must not have been recalled meanwhile.
    private static async Task<Failure?> SeatIsTaken(NpgsqlConnection connection, long? cohort, CancellationToken cancel)
    {
        var plan = await PlanLock.Take(connection, cancel);
        if (await PlanLock.FreeSeats(connection, plan, cancel) <= 0)
        {
            return new NoCapacity(plan.Capacity!.Value);
        }

        var state = await connection.Scalar<string>("SELECT state FROM cohorts WHERE id = $1 FOR SHARE", cancel, cohort);
        return state == "released" ? null : new RevocationStands("The code stays revoked: its cohort was taken back meanwhile.");
    }

    private static async Task<Outcome<RevocationUndone>> Undo(
        NpgsqlConnection connection, Actor actor, long revocation, string targetKind, string targetId, string giveBack, CancellationToken cancel)
    {
        var (open, undone, codes) = (await connection.Query(
            "SELECT undo_until > clock_timestamp(), undone_at IS NOT NULL, codes FROM code_revocations WHERE id = $1 FOR UPDATE",
            row => (row.GetBoolean(0), row.GetBoolean(1), row.GetInt32(2)), cancel, revocation))[0];
        if (undone)
        {
            return new RevocationUndone(0);
        }

        if (!open)
        {
            return new RevocationStands("The ten seconds are over: it stays revoked. Mint a new code instead.");
        }

        var back = (int)await connection.Scalar<long>(giveBack, cancel, revocation);
        if (back < codes)
        {
            return new RevocationStands("The code stays revoked: its person has been invited again, signed up or left meanwhile.");
        }

        await connection.Execute("UPDATE code_revocations SET undone_at = clock_timestamp(), undone_by = $2 WHERE id = $1", cancel, revocation, actor.Name);
        await connection.Audit(actor, $"{targetKind}.revocation-undone", targetKind, targetId, cancel, before: new { State = "revoked" }, after: new { State = "active", Codes = back });
        return new RevocationUndone(back);
    }

    private const string GiveBackCode =
        """
        WITH revocation AS MATERIALIZED (
          SELECT * FROM code_revocations WHERE id = $1
        ), code AS MATERIALIZED (
          SELECT k.id, k.entry_id, k.cohort_id FROM invite_codes k JOIN revocation r ON r.code_id = k.id WHERE k.status = 'revoked' AND k.revocation_id = r.id FOR NO KEY UPDATE OF k
        ), entry AS MATERIALIZED (
          SELECT e.id, k.cohort_id, r.entry_invited_at FROM waitlist_entries e JOIN code k ON k.entry_id = e.id CROSS JOIN revocation r
          WHERE r.entry_invited_at IS NOT NULL AND e.status = 'waiting' FOR NO KEY UPDATE OF e
        ), good AS MATERIALIZED (
          SELECT k.id FROM code k CROSS JOIN revocation r WHERE r.entry_invited_at IS NULL OR EXISTS (SELECT 1 FROM entry)
        ), invited AS (
          UPDATE waitlist_entries e SET status = 'invited', invited_at = x.entry_invited_at, cohort_id = x.cohort_id FROM entry x WHERE e.id = x.id AND EXISTS (SELECT 1 FROM good)
        ), mails AS (
          UPDATE outbox o SET state = 'pending', due_at = greatest(o.due_at, now()) FROM revocation r WHERE o.id = ANY(r.mails) AND o.state = 'cancelled' AND EXISTS (SELECT 1 FROM good)
        ), active AS (
          UPDATE invite_codes k SET status = 'active', revoked_at = NULL, revoked_reason = NULL, revoked_by = NULL, revocation_id = NULL FROM good g WHERE k.id = g.id RETURNING k.id
        )
        SELECT count(*) FROM active
        """;

    private const string GiveBackCampaign =
        """
        WITH codes AS MATERIALIZED (
          SELECT k.id FROM invite_codes k JOIN code_revocations r ON r.campaign_id = k.campaign_id
          WHERE r.id = $1 AND k.status = 'revoked' AND k.revocation_id = r.id ORDER BY k.id FOR NO KEY UPDATE OF k
        ), active AS (
          UPDATE invite_codes k SET status = 'active', revoked_at = NULL, revoked_reason = NULL, revocation_id = NULL FROM codes c WHERE k.id = c.id RETURNING k.id
        )
        SELECT count(*) FROM active
        """;
}
