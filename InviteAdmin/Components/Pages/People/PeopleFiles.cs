using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.People;

namespace InviteAdmin.Components.Pages.People;

/// <summary>The list of people as a file, streamed.</summary>
public static class PeopleFiles
{
    public static void MapPeopleFiles(this WebApplication app) =>
        app.MapGet("/admin/people.csv", Export).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();

    /// <summary>The same rows in the same order as the table with the same query; not only as far as the pages go.</summary>
    private static async Task Export(HttpContext context, PeopleQueries people, Transactions transactions, CancellationToken cancel)
    {
        var view = UrlState<PeopleView>.Read(context.Request.Path + context.Request.QueryString);
        await transactions.Run(async connection =>
        {
            await connection.Audit(SignedInStaff.Of(context.User), "people.exported", "people", "people", cancel, after: new { Show = view.Show.ToString().ToLowerInvariant(), view.Tier, Searched = view.Q is not null });
            return true;
        }, cancel);
        await using var csv = CsvText.Begin(context, "people.csv");
        await csv.WriteLineAsync("id,name,email,state,tier,joined at,invited at,registered at,brought");
        await foreach (var row in people.All(view.Filter, view.Sort, cancel))
        {
            await csv.WriteLineAsync(CsvText.Line(
                row.Id, row.Name, row.Email, row.State, row.Tier, CsvText.Time(row.JoinedAt), CsvText.Time(row.InvitedAt), CsvText.Time(row.RegisteredAt), row.Brought.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
