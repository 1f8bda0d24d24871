using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Campaigns;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;

namespace InviteAdmin.Components.Pages.Campaigns;

/// <summary>A campaign's codes as a file, streamed.</summary>
public static class CampaignFiles
{
    public static void MapCampaignFiles(this WebApplication app) =>
        app.MapGet("/admin/campaigns/{slug}/codes.csv", Codes).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();

    private static async Task Codes(HttpContext context, string slug, CampaignQueries campaigns, Transactions transactions, CancellationToken cancel)
    {
        if (await campaigns.Find(slug, cancel) is not { } id)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await transactions.Run(async connection =>
        {
            await connection.Audit(SignedInStaff.Of(context.User), "campaign.exported", "campaign", slug, cancel);
            return true;
        }, cancel);
        await using var csv = CsvText.Begin(context, "codes.csv");
        await csv.WriteLineAsync("code,max uses,used,runs out,status");
        await foreach (var code in campaigns.Codes(id, cancel))
        {
            await csv.WriteLineAsync(CsvText.Line(
                code.Code, code.MaxUses.ToString(CultureInfo.InvariantCulture), code.UsedCount.ToString(CultureInfo.InvariantCulture), CsvText.Time(code.ExpiresAt), code.Status));
        }
    }
}
