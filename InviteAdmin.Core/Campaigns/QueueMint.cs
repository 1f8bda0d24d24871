using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Campaigns;

/// <summary>What came of minting as long work.</summary>
public sealed record MintReport(string Slug, int Minted);

/// <summary>
/// Minting many codes as durable work: the click is a row, codes are added in pieces that each share a commit with their progress, and whoever takes over a dead process's
/// work goes on behind the last piece. The same request key is the same campaign, so a double click mints once.
/// </summary>
public sealed class QueueMint(Transactions transactions, Operations operations, TimeProvider time)
{
    public const string Kind = "mint";

    /// <summary>More codes than this are long work.</summary>
    public const int MostAtOnce = 1_000;

    /// <summary>Codes in one commit.</summary>
    internal const int Piece = 5_000;

    /// <summary>The operation's id.</summary>
    /// <param name="requestKey">Made when the form was shown.</param>
    public async Task<Outcome<string>> Start(Actor actor, MintRequest request, string requestKey, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Mint) is { } refused)
        {
            return refused;
        }

        return MintCampaign.Check(request) is { } invalid
            ? invalid
            : await transactions.Run<string>(async connection =>
                await operations.Queue(connection, actor, Kind, $"{Kind}:{requestKey}", JsonSerializer.Serialize(request, JsonSerializerOptions.Web), cancel), cancel);
    }

    internal async Task Run(RunningOperation operation, CancellationToken cancel)
    {
        var request = JsonSerializer.Deserialize<MintRequest>(operation.Request, JsonSerializerOptions.Web)!;
        for (var left = int.MaxValue; left > 0;)
        {
            left = await transactions.Run(async connection =>
            {
                var (campaign, isNew) = await MintRows.Campaign(connection, operation.Actor, request, $"{Kind}:{operation.PublicId}", time, cancel);
                // What stands in the table is what was minted; the row of the operation only tells it.
                var minted = isNew ? 0 : (int)await connection.Scalar<long>("SELECT count(*) FROM invite_codes WHERE campaign_id = $1", cancel, campaign.Id);
                var piece = Math.Min(Piece, campaign.Codes - minted);
                if (piece > 0)
                {
                    await MintRows.Copy(connection, campaign, piece, cancel);
                }

                minted += piece;
                if (!await Operations.Progress(connection, operation.Id, minted, campaign.Codes, cancel))
                {
                    throw new WorkTakenOver();
                }

                if (minted == campaign.Codes)
                {
                    await Operations.Finish(connection, operation.Id, JsonSerializer.Serialize(new MintReport(campaign.Slug, minted), JsonSerializerOptions.Web), cancel);
                }

                return campaign.Codes - minted;
            }, cancel);
        }
    }
}
