using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Live;

namespace InviteAdmin.Components.Pages.Audit;

/// <summary>The record of staff actions as a file, streamed. Taking it is an action too.</summary>
public static class AuditFiles
{
    public static void MapAuditFiles(this WebApplication app) =>
        app.MapGet("/admin/audit.csv", Export).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();

    /// <summary>The same rows in the same order as the table with the same query.</summary>
    private static async Task Export(HttpContext context, AuditQueries audit, WorkspaceZone zone, Transactions transactions, CancellationToken cancel)
    {
        var filter = UrlState<AuditView>.Read(context.Request.Path + context.Request.QueryString).Filter(zone.Current);
        await transactions.Run(async connection =>
        {
            await connection.Audit(SignedInStaff.Of(context.User), "audit.exported", "audit", "audit", cancel, after: new { filter.Actor, filter.Action, Searched = filter.Target is not null, filter.From, filter.Until });
            return true;
        }, cancel);
        await using var csv = CsvText.Begin(context, "audit.csv");
        await csv.WriteLineAsync("at,who,did,action,target,target id,before,after,why");
        await foreach (var line in audit.All(filter, cancel))
        {
            await csv.WriteLineAsync(CsvText.Line(CsvText.Time(line.At), line.Actor, line.Did, line.Action, line.Target, line.TargetId, line.Before, line.After, line.Reason));
        }
    }
}
