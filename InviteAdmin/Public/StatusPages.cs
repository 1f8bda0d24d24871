using InviteAdmin.Access;
using InviteAdmin.Redis;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Public;

/// <summary>A person's own page, opened by their private token, and leaving the list.</summary>
internal static class StatusPages
{
    public static void MapStatusPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/waitlist/status/{token}", Status);
        pages.MapGet("/waitlist/status/{token}/leave", async (string token, EntryQueries entries, CancellationToken cancel) =>
            await entries.ByStatusToken(token, cancel) is { } entry ? Leave(entry) : Unknown());
        pages.MapPost("/waitlist/status/{token}/leave", Decline);
        pages.MapPost("/waitlist/status/{token}/show", ShowElsewhere);
        pages.MapGet("/waitlist/left", () => PublicPage.Notice("StatusLeft", "LeftLead", StatusCodes.Status200OK, ""));
    }

    private static async Task<IResult> Status(string token, EntryQueries entries, StatusQueries reasons, RankBoard ranks, ForecastQueries forecasts, WatchQueries watches, Links links, Words words, CancellationToken cancel)
    {
        if (await entries.ByStatusToken(token, cancel) is not { } entry)
        {
            return Unknown();
        }

        var place = await ranks.Of(entry.Status, entry.Points, entry.Position, cancel);
        return PublicPage.Show<StatusPage>(new
        {
            Entry = entry,
            Place = place,
            Turn = place.Rank is { } rank ? Turn(await forecasts.Current(cancel), rank, words) : "",
            Points = await reasons.Points(entry.Id, cancel),
            ShareLink = links.Join(entry.ReferralToken),
            Watch = await watches.Open(entry.Id, cancel),
        });
    }

    /// <summary>When somebody's turn comes, or that it cannot be said.</summary>
    internal static string Turn(Forecast forecast, long rank, Words words) =>
        forecast.ForRank(rank) is { } range ? words["TurnDates", words.Dates(range, forecast.Facts.Today)] : words["TurnUnknown"];

    private static async Task<IResult> ShowElsewhere(string token, HttpContext context, ShowPlace show, CancellationToken cancel)
    {
        // Sent again, the page asks again.
        var shown = await PublicForm.Read(context) is { Genuine: true } ? await show.One(Actor.Public, token, cancel) : 0;
        return shown.Succeeded ? PublicPage.SeeOther($"/waitlist/status/{Uri.EscapeDataString(token)}") : Unknown();
    }

    private static async Task<IResult> Decline(string token, HttpContext context, DeclineEntry decline, EntryQueries entries, Words words, CancellationToken cancel)
    {
        if (await PublicForm.Read(context) is not { Genuine: true })
        {
            return await entries.ByStatusToken(token, cancel) is { } entry
                ? PublicPage.Show<LeavePage>(new { Entry = entry, Notice = words["Stale"] }, StatusCodes.Status400BadRequest)
                : Unknown();
        }

        var declined = await decline.ByToken(Actor.Public, token, cancel);
        return declined.Failure switch
        {
            null => PublicPage.SeeOther("/waitlist/left"),
            AlreadyRegistered => PublicPage.Notice("LeaveMember", "SaidSignedUp", StatusCodes.Status409Conflict, ""),
            _ => Unknown(),
        };
    }

    private static IResult Leave(EntryFacts entry) => entry.Status is EntryStatus.Declined or EntryStatus.Registered
        ? PublicPage.SeeOther($"/waitlist/status/{entry.StatusToken}")
        : PublicPage.Show<LeavePage>(new { Entry = entry });

    private static IResult Unknown() => PublicPage.Notice("LinkUnknown", "LinkUnknownStatus", StatusCodes.Status404NotFound, "LinkMine");
}
