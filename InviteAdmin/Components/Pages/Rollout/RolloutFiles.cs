using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Rollout;

namespace InviteAdmin.Components.Pages.Rollout;

/// <summary>The plan's history as a file, with the facts of each decision as they are stored.</summary>
public static class RolloutFiles
{
    public static void MapRolloutFiles(this WebApplication app) =>
        app.MapGet("/admin/rollout.csv", Decisions).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();

    private static async Task Decisions(HttpContext context, DecisionQueries decisions, Transactions transactions, CancellationToken cancel)
    {
        var view = UrlState<RolloutView>.Read(context.Request.Path + context.Request.QueryString);
        await transactions.Run(async connection =>
        {
            await connection.Audit(SignedInStaff.Of(context.User), "plan.exported", "plan", "decisions", cancel, after: view.IsFiltered ? new { view.Show, view.Stage } : null);
            return true;
        }, cancel);
        await using var csv = CsvText.Begin(context, "rollout.csv");
        await csv.WriteLineAsync("at,day,stage,decision,why,who,cohort,invited,facts");
        await foreach (var decision in decisions.All(view.Filter, cancel))
        {
            await csv.WriteLineAsync(CsvText.Line(
                CsvText.Time(decision.At), decision.LocalDate.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Number(decision.Stage + 1), decision.Outcome, decision.Reason, decision.By,
                Number(decision.Cohort), Number(decision.Invited), decision.Inputs));
        }
    }

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);
}
