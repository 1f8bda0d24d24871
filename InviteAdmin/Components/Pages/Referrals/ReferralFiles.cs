using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Referrals;

namespace InviteAdmin.Components.Pages.Referrals;

/// <summary>The leaderboard as a file, streamed.</summary>
public static class ReferralFiles
{
    public static void MapReferralFiles(this WebApplication app) =>
        app.MapGet("/admin/referrals.csv", Leaders).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();

    /// <summary>The same rows in the same order as the table with the same query.</summary>
    private static async Task Leaders(HttpContext context, LeaderQueries leaders, Transactions transactions, CancellationToken cancel)
    {
        var view = UrlState<ReferralsView>.Read(context.Request.Path + context.Request.QueryString);
        await transactions.Run(async connection =>
        {
            await connection.Audit(
                SignedInStaff.Of(context.User), "referrals.exported", "referrals", "leaderboard", cancel, after: new { view.Sort, view.Tier, view.Reward, Searched = view.Q is not null });
            return true;
        }, cancel);
        await using var csv = CsvText.Begin(context, "referrals.csv");
        await csv.WriteLineAsync("member id,name,email,tier,credited,held,everybody below,depth,codes given,codes used,rewarded at");
        await foreach (var row in leaders.All(view.Filter, view.Sort, cancel))
        {
            await csv.WriteLineAsync(CsvText.Line(
                row.UserId, row.Name, row.Email, row.Tier, Number(row.Credited), Number(row.Held), Number(row.Downstream), Number(row.Depth), Number(row.Given), Number(row.Used), CsvText.Time(row.RewardedAt)));
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
