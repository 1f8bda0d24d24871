using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Components.Shared;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using QRCoder;

namespace InviteAdmin.Components.Pages.Invites;

/// <summary>The files of codes: the table as CSV, streamed, and the QR picture of a code's sign-up link.</summary>
public static class CodeFiles
{
    private const int PixelsPerModule = 16;

    public static void MapCodeFiles(this WebApplication app)
    {
        app.MapGet("/admin/codes.csv", Export).DisableRequestTimeout().RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();
        app.MapGet("/admin/codes/{code}/qr.svg", (string code, CodePageQueries codes, CancellationToken cancel) => Picture(code, codes, "image/svg+xml", Svg, cancel))
            .RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();
        app.MapGet("/admin/codes/{code}/qr.png", (string code, CodePageQueries codes, CancellationToken cancel) => Picture(code, codes, "image/png", Png, cancel))
            .RequireAuthorization(nameof(Permission.Read)).ExcludeFromDescription();
    }

    /// <summary>The same codes in the same order as the table with the same query.</summary>
    private static async Task Export(HttpContext context, CodeListQueries codes, Transactions transactions, CancellationToken cancel)
    {
        var view = UrlState<CodesView>.Read(context.Request.Path + context.Request.QueryString);
        await transactions.Run(async connection =>
        {
            await connection.Audit(SignedInStaff.Of(context.User), "codes.exported", "codes", "codes", cancel, after: new { Kind = view.Kind?.ToString(), State = view.State?.ToString(), view.Filter.Campaign, Searched = view.Filter.Search is not null });
            return true;
        }, cancel);
        await using var csv = CsvText.Begin(context, "codes.csv");
        await csv.WriteLineAsync("code,kind,state,campaign,for,used,max uses,tier,minted at,runs out");
        await foreach (var row in codes.All(view.Filter, view.Order, cancel))
        {
            await csv.WriteLineAsync(CsvText.Line(
                row.Code, row.Kind, row.State, row.Campaign, row.Person, row.Used.ToString(CultureInfo.InvariantCulture), row.MaxUses.ToString(CultureInfo.InvariantCulture), row.Tier,
                CsvText.Time(row.CreatedAt), CsvText.Time(row.ExpiresAt)));
        }
    }

    private static async Task<IResult> Picture(string code, CodePageQueries codes, string type, Func<QRCodeData, byte[]> draw, CancellationToken cancel)
    {
        if (await codes.Find(code, cancel) is not { } detail)
        {
            return TypedResults.NotFound();
        }

        // M stands a tenth of the picture being dirty or creased and still fits a short link on a small card.
        using var data = QRCodeGenerator.GenerateQrCode(detail.Link, QRCodeGenerator.ECCLevel.M);
        return TypedResults.Bytes(draw(data), type);
    }

    private static byte[] Svg(QRCodeData data)
    {
        using var picture = new SvgQRCode(data);
        return System.Text.Encoding.UTF8.GetBytes(picture.GetGraphic(PixelsPerModule, "#000000", "#ffffff"));
    }

    private static byte[] Png(QRCodeData data)
    {
        using var picture = new PngByteQRCode(data);
        return picture.GetGraphic(PixelsPerModule);
    }
}
