using InviteAdmin.Access;
using InviteAdmin.Brand;
using InviteAdmin.Results;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;

namespace InviteAdmin.Components.Pages.Workspace;

/// <summary>Takes the logo that is uploaded in the settings. A plain form, so that no picture travels through a circuit.</summary>
public static class BrandUpload
{
    private const string Page = "/admin/settings?section=brand";

    public static void MapBrandUpload(this WebApplication app) => app.MapPost("/admin/settings/logo", Upload).DisableAntiforgery()
        .RequireAuthorization(nameof(Permission.Release)).ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(LogoFile.MostBytes * 4));

    private static async Task<IResult> Upload(HttpContext context, IAntiforgery antiforgery, ChangeBrand brand, CancellationToken cancel)
    {
        byte[] file;
        try
        {
            if (!context.Request.HasFormContentType || !await antiforgery.IsRequestValidAsync(context) || (await context.Request.ReadFormAsync(cancel)).Files["logo"] is not { } sent)
            {
                return Refused("form");
            }

            if (sent.Length > LogoFile.MostBytes)
            {
                return Refused("large");
            }

            file = new byte[sent.Length];
            await using var stream = sent.OpenReadStream();
            await stream.ReadExactlyAsync(file, cancel);
        }
        catch (BadHttpRequestException fault) when (fault.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Refused("large");
        }
        catch (Exception bad) when (bad is IOException or InvalidDataException)
        {
            return Refused("form");
        }

        var saved = await brand.SaveLogo(SignedInStaff.Of(context.User), file, cancel);
        return saved.Failure switch
        {
            null => TypedResults.LocalRedirect(Page),
            Invalid => Refused(file.Length == 0 ? "form" : LogoFile.TryRead(file, out var facts, out _) || facts.MediaType is null ? "type" : "pixels"),
            _ => Refused("form"),
        };
    }

    /// <summary>The sentence for what stands in the address; null for nothing and for nonsense.</summary>
    internal static string? Sentence(string? why) => why switch
    {
        "large" => "The logo may have at most 256 KB. Nothing was changed.",
        "type" => "The logo must be a PNG, JPEG or WebP picture. Nothing was changed.",
        "pixels" => "The logo may be at most 4,096 pixels wide and high. Nothing was changed.",
        "form" => "The picture did not arrive whole. Choose it again; nothing was changed.",
        _ => null,
    };

    private static IResult Refused(string why) => TypedResults.LocalRedirect($"{Page}&refused={why}");
}
