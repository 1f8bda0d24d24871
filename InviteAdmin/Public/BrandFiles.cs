using InviteAdmin.Brand;
using Microsoft.Net.Http.Headers;

namespace InviteAdmin.Public;

/// <summary>The files of the brand: its logo, and its colour as a style sheet. What an address names never changes, so that browsers may keep it.</summary>
internal static class BrandFiles
{
    private const string ForEver = "public, max-age=31536000, immutable";

    public static void MapBrandFiles(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/brand/logo/{hash}", Logo);
        pages.MapGet("/brand/{colour}.css", Colour);
    }

    // An older address shows the logo of today, so that a mail of last month does not lose its own.
    private static async Task<IResult> Logo(string hash, HttpContext context, BrandRules brands, CancellationToken cancel)
    {
        if (await brands.Logo(cancel) is not var (logo, bytes))
        {
            return PublicPage.Missing();
        }

        var headers = context.Response.Headers;
        headers.Remove(HeaderNames.Vary);
        headers.CacheControl = hash == logo.Hash ? ForEver : "public, max-age=60";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return TypedResults.File(bytes, logo.MediaType, entityTag: new EntityTagHeaderValue($"\"{logo.Hash}\""));
    }

    private static IResult Colour(string colour, HttpContext context)
    {
        if (BrandColour.Of(colour) is not { } known || known.Fill[1..] != colour)
        {
            return PublicPage.Missing();
        }

        context.Response.Headers.Remove(HeaderNames.Vary);
        context.Response.Headers.CacheControl = ForEver;
        return TypedResults.Text(
            $":root {{ --accent: {known.Fill}; --accent-strong: {known.Hover}; --on-accent: {known.OnFill}; --link: light-dark({known.OnLight}, {known.OnDark}); --link-strong: var(--link); }}\n", "text/css");
    }
}
