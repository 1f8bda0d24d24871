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
        pages.MapGet("/waitlist/left", () => PublicPage.Notice("You have left the list", "You get no more mail about it. Your link and your place are gone with it.", StatusCodes.Status200OK, ""));
    }

    private static async Task<IResult> Status(string token, EntryQueries entries, StatusQueries reasons, RankBoard ranks, ForecastQueries forecasts, Links links, CancellationToken cancel)
    {
        if (await entries.ByStatusToken(token, cancel) is not { } entry)
        {
            return Unknown();
        }

        var place = await ranks.Of(entry.Status, entry.Points, entry.Position, cancel);
        var forecast = place.Rank is null ? null : await forecasts.Current(cancel);
        return PublicPage.Show<StatusPage>(new
        {
            Entry = entry,
            Place = place,
            Turn = forecast?.ForRank(place.Rank!.Value) is { } range ? $"Your invitation comes {ForecastSentence.Dates(range, forecast.Facts.Today)}, as far as can be said today." : "When your turn comes cannot be said yet.",
            Points = await reasons.Points(entry.Id, cancel),
            ShareLink = links.Join(entry.ReferralToken),
        });
    }

    private static async Task<IResult> Decline(string token, HttpContext context, DeclineEntry decline, EntryQueries entries, CancellationToken cancel)
    {
        if (await PublicForm.Read(context) is not { Genuine: true })
        {
            return await entries.ByStatusToken(token, cancel) is { } entry
                ? PublicPage.Show<LeavePage>(new { Entry = entry, Notice = PublicForm.Stale }, StatusCodes.Status400BadRequest)
                : Unknown();
        }

        var declined = await decline.ByToken(Actor.Public, token, cancel);
        return declined.Failure switch
        {
            null => PublicPage.SeeOther("/waitlist/left"),
            AlreadyRegistered registered => PublicPage.Notice("You have signed up already", registered.Detail, StatusCodes.Status409Conflict, ""),
            _ => Unknown(),
        };
    }

    private static IResult Leave(EntryFacts entry) => entry.Status is EntryStatus.Declined or EntryStatus.Registered
        ? PublicPage.SeeOther($"/waitlist/status/{entry.StatusToken}")
        : PublicPage.Show<LeavePage>(new { Entry = entry });

    private static IResult Unknown() => PublicPage.Notice(
        "This link is not known",
        "Check that you opened all of it: mail programs sometimes break long links in two. If you have lost it, join again with the same email and we mail it to you.",
        StatusCodes.Status404NotFound, "Get my link again");
}
