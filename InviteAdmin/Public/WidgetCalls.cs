using System.Text.Json.Serialization;
using InviteAdmin.Access;
using InviteAdmin.Api;
using InviteAdmin.Brand;
using InviteAdmin.Redis;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace InviteAdmin.Public;

/// <summary>How the widget looks and what it says.</summary>
/// <param name="Colour">The company's; null for ours.</param>
/// <param name="Words">By what they are for.</param>
public sealed record WidgetLook(string Lang, WidgetColour? Colour, IReadOnlyDictionary<string, string> Words, string? PrivacyUrl);

/// <summary>The company's colour for buttons. All other text has the colour of the page around it, which only that page knows.</summary>
public sealed record WidgetColour(string Fill, string OnFill, string Hover);

/// <summary>What every join is answered with, whether the address is on the list or not.</summary>
/// <param name="Watch">Asks later whether the mail was answered.</param>
public sealed record WidgetJoined(string Watch);

/// <summary>Whether the mail was answered, and the place of whoever did.</summary>
public sealed record WidgetWatched(bool Shown, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] WidgetPlace? Place);

/// <summary>A person's place in words, their own link and where it can be shared.</summary>
/// <param name="Rank">Null for who has none; then the lines say why.</param>
public sealed record WidgetPlace(string Heading, string? Rank, string? Of, IReadOnlyList<string> Lines, string? Link, IReadOnlyList<ShareLinks.Way> Ways);

/// <summary>
/// What <c>widget.js</c> asks, from pages of the company's own. Anybody on the internet can call these, so that a join is answered the same for every address; what a page may show
/// of a place, it may show after the owner of the mail has answered it.
/// </summary>
internal static class WidgetCalls
{
    public const string Root = "/widget";

    public static void AddWidget(this IServiceCollection services)
    {
        services.AddSingleton<WidgetOrigins>();
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<WidgetOrigins>((cors, origins) => cors.AddPolicy(WidgetOrigins.Policy, policy => policy
            .SetIsOriginAllowed(origins.Admit).WithMethods("GET", "POST").WithExposedHeaders("Retry-After").SetPreflightMaxAge(TimeSpan.FromHours(1))));
    }

    public static void MapWidget(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Root), calls => calls.UseMiddleware<WidgetRing>());
        app.UseWhen(context => context.Request.Path == "/widget.js", script => script.Use((context, next) =>
        {
            // Also for pages that admit only what says that it may be embedded; and a new one is out within minutes.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
                context.Response.Headers.CacheControl = "public, max-age=300";
                return Task.CompletedTask;
            });
            return next(context);
        }));
        // A form without a cookie needs no proof that it is ours.
        var calls = app.MapGroup(Root).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription().RequireCors(WidgetOrigins.Policy);
        calls.MapGet("/look", Look);
        calls.MapPost("/join", Join);
        calls.MapPost("/watch", Watch);
    }

    private static IResult Look(HttpContext context, BrandRules brands, Words words)
    {
        var brand = brands.Last;
        var own = brand.Texts(words.Language);
        context.Response.Headers.CacheControl = "public, max-age=60";
        context.Response.Headers.Vary = "Origin, Accept-Language";
        return TypedResults.Json(new WidgetLook(
            words.Language,
            brand.Colour is { } c ? new(c.Fill, c.OnFill, c.Hover) : null,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["heading"] = own.Headline ?? words["JoinHeading", brand.Name], ["lead"] = own.Lead ?? words["JoinLead"], ["name"] = words["NameLabel"], ["email"] = words["EmailLabel"],
                ["join"] = words["JoinAction"], ["sending"] = words["WidgetSending"], ["sent"] = words["WidgetSent"], ["sentLead"] = words["WidgetSentLead"], ["sentQuiet"] = words["WidgetSentQuiet"],
                ["again"] = words["WidgetAgain"], ["failed"] = words["WidgetFailed"], ["tooMany"] = words["WidgetTooMany"], ["link"] = words["YourLink"], ["copy"] = words["Copy"],
                ["copied"] = words["Copied"], ["share"] = words["ShareBy"], ["privacy"] = words["Privacy"],
            },
            brand.PrivacyUrl));
    }

    private static async Task<IResult> Join(HttpContext context, JoinWaitlist join, Words words, TimeProvider time, CancellationToken cancel)
    {
        if (await PublicForm.Read(context) is not { } form)
        {
            return Problem.Of("bad-request", "Send the fields of a form: email, name and, if there are any, ref and src.");
        }

        var began = time.GetTimestamp();
        var from = JoinValues.Of(form["ref"], form["src"]);
        var (token, watch) = JoinWatch.New(Uri.TryCreate(context.Request.Headers.Origin, UriKind.Absolute, out var page) ? page.Host : null, time);
        var joined = await join.One(Actor.Public, new JoinRequest(form["email"], form["name"], from.Source, from.Referral) { Watch = watch }, cancel);
        if (joined.Succeeded)
        {
            await EvenTime.Wait(began, time, cancel);
        }

        return joined.Failure switch
        {
            null => TypedResults.Json(new WidgetJoined(token), statusCode: StatusCodes.Status202Accepted),
            Invalid invalid => Problem.Of(new Invalid(words.Of(invalid))),
            var other => Problem.Of(other.Slug, words.Of(other.Detail)),
        };
    }

    private static async Task<IResult> Watch(
        HttpContext context, WatchQueries watches, RankBoard ranks, ForecastQueries forecasts, BrandRules brands, Links links, Words words, CancellationToken cancel)
    {
        if (await PublicForm.Read(context) is not { } form)
        {
            return Problem.Of("bad-request", "Send the field token of a form.");
        }

        if (await watches.Find(form["token"], cancel) is not var (shown, entry))
        {
            return Problem.Of("token-unknown", "Nobody waits with this token, or not any more.");
        }

        if (!shown || entry.Status is EntryStatus.Unconfirmed or EntryStatus.Declined)
        {
            return TypedResults.Json(new WidgetWatched(false, null));
        }

        var place = entry.Status == EntryStatus.Waiting ? await ranks.Of(entry.Status, entry.Points, entry.Position, cancel) : null;
        var link = links.Join(entry.ReferralToken);
        return TypedResults.Json(new WidgetWatched(true, new(
            StatusPage.HeadingOf(words, entry.Status),
            place?.Rank is { } rank ? words.Number(rank) : null,
            place?.Rank is { } own ? words["RankOf", words.Number(Math.Max(place.Waiting, own))] : null,
            [.. await Lines(entry, place?.Rank, forecasts, words, cancel), words["BringLead"]],
            link,
            ShareLinks.Of(link, brands.Last.Texts(words.Language).Share ?? words["ShareText", brands.Last.Name], words["ByMail"]))));
    }

    private static async Task<IReadOnlyList<string>> Lines(EntryFacts entry, long? rank, ForecastQueries forecasts, Words words, CancellationToken cancel) =>
        rank is null ? [StatusPage.SentenceOf(words, entry)] : [StatusPage.Ahead(words, rank.Value - 1), StatusPages.Turn(await forecasts.Current(cancel), rank.Value, words)];
}
