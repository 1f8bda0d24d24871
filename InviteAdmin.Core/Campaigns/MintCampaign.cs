using System.Text.RegularExpressions;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Campaigns;

/// <summary>Codes to mint: <c>Count</c> random ones, each after <c>Prefix</c> if given, or one spelled-out <c>Word</c>.</summary>
public sealed record MintRequest(string? Name, int Count, int MaxUsesEach, string? Tier = null, int? ExpiresInDays = null, string? Prefix = null, string? Word = null);

/// <summary>A campaign just minted; its codes as they are shown.</summary>
public sealed record MintedCampaign(string CampaignId, string Slug, int Minted, IReadOnlyList<string> Codes);

/// <summary>The word reads like a code that exists.</summary>
public sealed record WordTaken(string Word) : Failure("word-taken", $"A code that reads like {Word} exists already. Choose another word.");

/// <summary>Mints a campaign's codes in one transaction, by COPY. Many codes asked for by a person are long work: <see cref="QueueMint"/>.</summary>
public sealed partial class MintCampaign(Transactions transactions, TimeProvider time)
{
    public const int MostCodes = 100_000;
    public const int MostUses = 1_000_000;

    public Task<Outcome<MintedCampaign>> One(Actor actor, MintRequest request, CancellationToken cancel) => One(actor, request, requestKey: null, cancel);

    /// <param name="requestKey">Made when the form was shown: the same key again answers with the campaign it minted.</param>
    public async Task<Outcome<MintedCampaign>> One(Actor actor, MintRequest request, string? requestKey, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Mint) is { } refused)
        {
            return refused;
        }

        if (Check(request) is { } invalid)
        {
            return invalid;
        }

        try
        {
            return await transactions.Run<MintedCampaign>(async connection =>
            {
                var (campaign, isNew) = await MintRows.Campaign(connection, actor, request, requestKey, time, cancel);
                var codes = isNew
                    ? await MintRows.Copy(connection, campaign, request.Count, cancel)
                    : [.. await connection.Query("SELECT shown FROM invite_codes WHERE campaign_id = $1 ORDER BY id", row => row.GetString(0), cancel, campaign.Id)];
                return new MintedCampaign(campaign.PublicId, campaign.Slug, codes.Length, codes);
            }, cancel);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "ux_invite_codes_code" } && MintRows.Upper(request.Word) is { } word)
        {
            return new WordTaken(word);
        }
    }

    internal static Invalid? Check(MintRequest request)
    {
        var checks = new FieldChecks();
        checks.Text("name", request.Name, 100, required: true);
        checks.Within("count", request.Count, 1, MostCodes);
        checks.Within("maxUsesEach", request.MaxUsesEach, 1, MostUses);
        checks.Text("tier", request.Tier, 40);
        if (request.ExpiresInDays is { } days)
        {
            checks.Within("expiresInDays", days, 1, 3650);
        }

        if (!string.IsNullOrWhiteSpace(request.Prefix) && !PrefixRule().IsMatch(request.Prefix.Trim()))
        {
            checks.Refuse("prefix", "Prefix takes 2 to 12 letters and digits.");
        }

        if (!string.IsNullOrWhiteSpace(request.Word))
        {
            if (!WordRule().IsMatch(request.Word.Trim()))
            {
                checks.Refuse("word", "Word takes 4 to 24 letters and digits.");
            }
            else if (request.Count != 1)
            {
                checks.Refuse("count", "A spelled-out word is one code: count must be 1.");
            }
            else if (!string.IsNullOrWhiteSpace(request.Prefix))
            {
                checks.Refuse("prefix", "Give a prefix or a word, not both.");
            }
        }

        return checks.Failure;
    }

    [GeneratedRegex("^[A-Za-z0-9]{2,12}$")]
    private static partial Regex PrefixRule();

    [GeneratedRegex("^[A-Za-z0-9]{4,24}$")]
    private static partial Regex WordRule();
}
