using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.People;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>Everything in the installation as one file, streamed.</summary>
public static class EverythingFile
{
    public const string Path = "/admin/export.zip";

    public static void MapEverythingFile(this WebApplication app) =>
        app.MapGet(Path, Export).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();

    private static async Task Export(HttpContext context, ExportEverything everything, CancellationToken cancel)
    {
        context.Response.ContentType = "application/zip";
        context.Response.Headers.ContentDisposition = "attachment; filename=inviteadmin.zip";
        context.Response.Headers.CacheControl = "no-store";
        await everything.One(SignedInStaff.Of(context.User), context.Response.Body, CsvText.Line, cancel);
    }
}
