using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Insights;
using InviteAdmin.Live;

namespace InviteAdmin.Components.Pages.Insights;

/// <summary>The people behind a loss of the funnel as a file, streamed.</summary>
public static class InsightFiles
{
    public static void MapInsightFiles(this WebApplication app) =>
        app.MapGet("/admin/insights/people.csv", People).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();

    private static async Task People(HttpContext context, DropOffQueries people, WorkspaceZone zone, Transactions transactions, CancellationToken cancel)
    {
        var view = UrlState<DropOffView>.Read(context.Request.Path + context.Request.QueryString);
        await transactions.Run(async connection =>
        {
            await connection.Audit(SignedInStaff.Of(context.User), "insights.exported", "insights", "people", cancel, after: new { view.Step, view.Days, view.Before, view.Source });
            return true;
        }, cancel);
        await using var csv = CsvText.Begin(context, "people.csv");
        await csv.WriteLineAsync("email,name,status,source,joined at,invited at,registered at");
        await foreach (var row in people.All(view.Range(zone.Today, zone.Current.Id), view.Step, view.Source, cancel))
        {
            await csv.WriteLineAsync(CsvText.Line(
                row.Email, row.Name, row.Status, row.Source, CsvText.Time(row.JoinedAt), CsvText.Time(row.InvitedAt), CsvText.Time(row.RegisteredAt)));
        }
    }
}
