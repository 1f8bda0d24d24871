using InviteAdmin.Access;
using InviteAdmin.Components.Shared;
using InviteAdmin.People;
using Microsoft.AspNetCore.Http.Features;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>Everything in the installation as one file, streamed.</summary>
public static class EverythingFile
{
    public const string Path = "/admin/export.zip";

    public static void MapEverythingFile(this WebApplication app) =>
        app.MapGet(Path, Export).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Release)).ExcludeFromDescription();

    private static async Task Export(HttpContext context, ExportEverything everything, CancellationToken cancel)
    {
        context.Response.ContentType = "application/zip";
        context.Response.Headers.ContentDisposition = "attachment; filename=inviteadmin.zip";
        context.Response.Headers.CacheControl = "no-store";
        // The archive writes a few bytes of its directory without waiting; the rows are written waiting.
        if (context.Features.Get<IHttpBodyControlFeature>() is { } body)
        {
            body.AllowSynchronousIO = true;
        }

        await everything.One(SignedInStaff.Of(context.User), context.Response.Body, CsvText.Line, cancel);
    }
}
