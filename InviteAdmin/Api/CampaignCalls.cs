using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Campaigns;
using InviteAdmin.Data;
using InviteAdmin.Hosting;

namespace InviteAdmin.Api;

/// <summary>Codes to mint: count random ones, each after prefix if given, or one spelled-out word.</summary>
/// <param name="Count">1 to 100,000; 1 with a word.</param>
/// <param name="MaxUsesEach">1 to 1,000,000.</param>
/// <param name="ExpiresInDays">1 to 3,650; without it the codes do not expire.</param>
/// <param name="Prefix">2 to 12 letters and digits.</param>
/// <param name="Word">4 to 24 letters and digits.</param>
public sealed record MintBody([property: Required] string? Name, int Count, int MaxUsesEach, string? Tier, int? ExpiresInDays, string? Prefix, string? Word);

/// <summary>A campaign just minted with its first 1,000 codes; all are in its CSV.</summary>
public sealed record MintedCampaignAnswer(string CampaignId, string Slug, int Minted, IReadOnlyList<string> Codes);

/// <summary>The routes of campaigns.</summary>
internal static class CampaignCalls
{
    private const string Tag = "Campaigns";
    private const int MostInAnswer = 1_000;
    private const int FlushCharacters = 16 * 1024;

    public static void MapCampaigns(this IEndpointRouteBuilder api)
    {
        api.MapPost("/campaigns", Mint).Describe("mintCampaign", Tag, "Mint the codes of a campaign", Scope.Manage,
                "All codes in one transaction. The answer holds up to 1,000 of them; the CSV has all.",
                ["malformed-json", "body-too-large", "unsupported-media-type", "validation", "word-taken", "idempotency-in-flight", "idempotency-mismatch"],
                """{"name":"Autumn meetup","count":200,"maxUsesEach":1,"tier":"early","expiresInDays":30,"prefix":"MEET"}""",
                """{"campaignId":"cp_01jd4xb3n6p8r2t4","slug":"autumn-meetup-7k2m","minted":200,"codes":["MEET-7F3K-Q2MX-9ZTA"]}""")
            .Produces<MintedCampaignAnswer>(StatusCodes.Status201Created).WithRequestTimeout(RequestTime.Wide);

        api.MapGet("/campaigns/{slug}/codes.csv", Csv).Describe("getCampaignCodes", Tag, "All codes of a campaign as CSV", Scope.Manage,
                "Streamed, in the order they were minted: code, max_uses, used_count, expires_at, status.", ["not-found"],
                answer: "code,max_uses,used_count,expires_at,status\nMEET-7F3K-Q2MX-9ZTA,1,0,2026-12-22T09:30:00Z,active\n")
            .Produces<string>(StatusCodes.Status200OK, "text/csv").DisableRequestTimeout();
    }

    private static async Task<IResult> Mint(MintBody body, Caller caller, MintCampaign mint, CancellationToken cancel) =>
        (await mint.One(caller.Actor, new MintRequest(body.Name, body.Count, body.MaxUsesEach, body.Tier, body.ExpiresInDays, body.Prefix, body.Word), cancel)).Answer(
            minted => TypedResults.Created(
                $"{ApiRoutes.Root}/campaigns/{minted.Slug}/codes.csv", new MintedCampaignAnswer(minted.CampaignId, minted.Slug, minted.Minted, [.. minted.Codes.Take(MostInAnswer)])));

    private static async Task<IResult> Csv(string slug, Caller caller, CampaignQueries campaigns, Transactions transactions, CancellationToken cancel)
    {
        if (await campaigns.Find(slug, cancel) is not { } id)
        {
            return Problem.Of("not-found", "There is no such campaign.");
        }

        await transactions.Run(async connection =>
        {
            await connection.Audit(caller.Actor, "campaign.exported", "campaign", slug, cancel);
            return true;
        }, cancel);
        return TypedResults.Stream(async stream =>
        {
            await using var writer = new StreamWriter(stream, new UTF8Encoding(false), FlushCharacters, leaveOpen: true) { NewLine = "\n" };
            await writer.WriteLineAsync("code,max_uses,used_count,expires_at,status");
            // Codes are letters, digits and dashes and begin with a letter or digit, so no cell needs quotes or can be a formula.
            await foreach (var code in campaigns.Codes(id, cancel))
            {
                await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{code.Code},{code.MaxUses},{code.UsedCount},{code.ExpiresAt?.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'},{code.Status}"));
            }
        }, "text/csv; charset=utf-8", $"{slug}.csv");
    }
}
