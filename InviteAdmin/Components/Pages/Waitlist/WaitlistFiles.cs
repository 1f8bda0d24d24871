using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace InviteAdmin.Components.Pages.Waitlist;

/// <summary>The files of the waitlist: export, upload, and the rows an import refused. Streamed, never whole in memory.</summary>
public static class WaitlistFiles
{
    private const string ImportPath = "/admin/waitlist/import";

    public static void MapWaitlistFiles(this WebApplication app)
    {
        app.MapGet("/admin/waitlist.csv", Export).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();
        app.MapGet(ImportPath + "/{operation}/rejected.csv", Rejected).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Release)).ExcludeFromDescription();
        app.MapPost(ImportPath + "/file", Upload).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Release)).ExcludeFromDescription()
            .WithMetadata(new RequestSizeLimitAttribute(ImportWaitlist.MostBytes + (64 * 1024)));
    }

    /// <summary>The same rows in the same order as the table with the same query.</summary>
    private static async Task Export(HttpContext context, WaitlistQueries waitlist, Transactions transactions, CancellationToken cancel)
    {
        var view = UrlState<WaitlistView>.Read(context.Request.Path + context.Request.QueryString);
        await transactions.Run(async connection =>
        {
            await connection.Audit(SignedInStaff.Of(context.User), "waitlist.exported", "waitlist", "waitlist", cancel, after: new { view.Show, view.Source, Searched = view.Q is not null });
            return true;
        }, cancel);
        await using var csv = CsvText.Begin(context, "waitlist.csv");
        await csv.WriteLineAsync("email,name,status,source,joined at,referred by,points,brought,invited at,registered at,hold,confirmed");
        await foreach (var row in waitlist.All(view.Filter, view.Order, cancel))
        {
            await csv.WriteLineAsync(CsvText.Line(
                row.Email, row.Name, row.Status.ToString().ToLowerInvariant(), row.Source, CsvText.Time(row.JoinedAt), row.ReferredByEmail, row.Points.ToString(CultureInfo.InvariantCulture),
                row.Brought.ToString(CultureInfo.InvariantCulture), CsvText.Time(row.InvitedAt), CsvText.Time(row.RegisteredAt), row.Hold, row.Status == EntryStatus.Unconfirmed ? "no" : "yes"));
        }
    }

    private static async Task Rejected(HttpContext context, string operation, ImportWaitlist import, CancellationToken cancel)
    {
        await using var csv = CsvText.Begin(context, "rejected.csv");
        await csv.WriteLineAsync("line,field,reason");
        await foreach (var reject in import.Rejects(operation, cancel))
        {
            await csv.WriteLineAsync(CsvText.Line(reject.Line.ToString(CultureInfo.InvariantCulture), reject.Field, reject.Reason));
        }
    }

    private static async Task<IResult> Upload(HttpContext context, IAntiforgery antiforgery, ImportWaitlist import, ImportMembers members, CancellationToken cancel)
    {
        var actor = SignedInStaff.Of(context.User);
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || type.Boundary.Length == 0)
        {
            return Refused("form");
        }

        var parts = new MultipartReader(HeaderUtilities.RemoveQuotes(type.Boundary).Value!, context.Request.Body);
        var trusted = false;
        string? of = null;
        try
        {
            while (await parts.ReadNextSectionAsync(cancel) is { } part)
            {
                if (part.GetContentDispositionHeader() is not { } disposition)
                {
                    continue;
                }

                if (disposition.IsFormDisposition())
                {
                    // The token comes before the file in the form, so that a stranger's megabytes are never stored.
                    var text = await new StreamReader(part.Body).ReadToEndAsync(cancel);
                    of = disposition.Name.Value == "of" && text == ImportPage.Members ? ImportPage.Members : of;
                    trusted = trusted || await Trusts(context, antiforgery, disposition.Name.Value, text);
                }
                else if (disposition.IsFileDisposition())
                {
                    return trusted ? await Take(import, members, actor, part.Body, FileName(disposition), of, cancel) : TypedResults.BadRequest();
                }
            }
        }
        catch (BadHttpRequestException fault) when (fault.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Refused("large");
        }
        catch (IOException)
        {
            return Refused("form");
        }

        return Refused("form");
    }

    private static async Task<IResult> Take(ImportWaitlist import, ImportMembers members, Actor actor, Stream file, string name, string? of, CancellationToken cancel)
    {
        var stored = await import.Upload(actor, file, cancel);
        if (!stored.Succeeded)
        {
            return Refused(stored.Failure.Detail.Contains("empty", StringComparison.Ordinal) ? "empty" : "large");
        }

        var check = of is null
            ? await import.Start(actor, stored.Value, name, dryRun: true, stored.Value, cancel)
            : await members.Start(actor, stored.Value, name, dryRun: true, stored.Value, cancel);
        return check.Succeeded
            ? TypedResults.LocalRedirect(UrlState<ImportView>.Href(ImportPath, new() { File = stored.Value, Name = name, Of = of, Check = check.Value }))
            : Refused("form");
    }

    // The body is ours to read, so the token is handed over in the header that the check looks into as well.
    private static async Task<bool> Trusts(HttpContext context, IAntiforgery antiforgery, string? field, string text)
    {
        if (field != antiforgery.GetTokens(context).FormFieldName || antiforgery.GetTokens(context).HeaderName is not { } header)
        {
            return false;
        }

        context.Request.Headers[header] = text;
        return await antiforgery.IsRequestValidAsync(context);
    }

    private static string FileName(ContentDispositionHeaderValue disposition)
    {
        var name = Path.GetFileName((disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value?.Trim('"') ?? "");
        return name.Length is > 0 and <= 200 && InviteAdmin.People.PlainText.IsClean(name) ? name : "list.csv";
    }

    private static IResult Refused(string why) => TypedResults.LocalRedirect($"{ImportPath}?refused={why}");
}
