using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;

namespace InviteAdmin.Campaigns;

/// <summary>How many codes were taken back, and how many unused uses ended with them.</summary>
public sealed record RevokedCampaign(int Codes, long UsesEnded);

/// <summary>
/// Takes back every code of a campaign that has uses left, in one transaction with one audit row; whoever used one stays. For ten seconds
/// <see cref="UndoRevocation"/> gives them back. Again changes nothing.
/// </summary>
public sealed class RevokeCampaign(Transactions transactions)
{
    public async Task<Outcome<RevokedCampaign>> All(Actor actor, string slug, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Mint) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500, required: true);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<RevokedCampaign>(async connection =>
        {
            var campaigns = await connection.Query("SELECT id, public_id, codes FROM campaigns WHERE slug = $1 FOR NO KEY UPDATE", row => (Id: row.GetInt64(0), PublicId: row.GetString(1), Codes: row.GetInt32(2)), cancel, slug);
            if (campaigns.Count == 0)
            {
                return new NotFound("campaign");
            }

            LongWork.Begin(campaigns[0].Codes);
            var revocation = await connection.Scalar<long>(
                """
                INSERT INTO code_revocations (campaign_id, reason, revoked_by, revoked_at, undo_until, codes, uses_ended) VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp(), 0, 0) RETURNING id
                """, cancel, campaigns[0].Id, reason, actor.Name);
            var revoked = (await connection.Query(RevokeSql, row => new RevokedCampaign((int)row.GetInt64(0), row.GetInt64(1)), cancel, campaigns[0].Id, revocation, reason))[0];
            if (revoked.Codes == 0)
            {
                await connection.Execute("DELETE FROM code_revocations WHERE id = $1", cancel, revocation);
                return revoked;
            }

            // The ten seconds begin when the codes have been taken, however long that took.
            await connection.Execute(
                "UPDATE code_revocations SET codes = $2, uses_ended = $3, revoked_at = clock_timestamp(), undo_until = clock_timestamp() + $4 * interval '1 second' WHERE id = $1",
                cancel, revocation, revoked.Codes, revoked.UsesEnded, RevokeCode.UndoSeconds);
            await connection.Audit(actor, "campaign.revoked", "campaign", campaigns[0].PublicId, cancel, after: revoked, reason: reason);
            return revoked;
        }, cancel);
    }

    // revoked_by stays empty: it names who revoked this one code, and the campaign's audit row says who revoked them all.
    private const string RevokeSql =
        """
        WITH codes AS MATERIALIZED (
          SELECT id FROM invite_codes WHERE campaign_id = $1 AND status = 'active' AND used_count < max_uses ORDER BY id FOR NO KEY UPDATE
        ), revoked AS (
          UPDATE invite_codes k SET status = 'revoked', revoked_at = clock_timestamp(), revoked_reason = $3, revocation_id = $2 FROM codes c WHERE k.id = c.id RETURNING k.max_uses - k.used_count AS ended
        )
        SELECT count(*), coalesce(sum(ended), 0)::bigint FROM revoked
        """;
}
