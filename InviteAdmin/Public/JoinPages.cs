using InviteAdmin.Access;
using InviteAdmin.Results;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Public;

/// <summary>Joining and confirming. What a stranger sees is the same whether an email is on the list or not.</summary>
internal static class JoinPages
{
    public static void MapJoinPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/waitlist", (HttpContext context) => PublicPage.Show<JoinPage>(new { Values = JoinValues.Of(context.Request.Query["ref"], context.Request.Query["src"]) }));
        pages.MapPost("/waitlist", Join);
        pages.MapGet("/waitlist/sent", () => PublicPage.Show<SentPage>());
        pages.MapGet("/waitlist/confirm/{token}", async (string token, StatusQueries entries, CancellationToken cancel) => await entries.Look(token, cancel) switch
        {
            ConfirmLink.Unknown => Refused(new TokenUnknown()),
            ConfirmLink.Expired => Refused(new TokenExpired()),
            _ => PublicPage.Show<ConfirmPage>(new { Token = token }),
        });
        pages.MapPost("/waitlist/confirm/{token}", Confirm);
    }

    private static async Task<IResult> Join(HttpContext context, JoinWaitlist join, WidgetOrigins origins, Words words, TimeProvider time, CancellationToken cancel)
    {
        if (await PublicForm.Read(context) is not { } form)
        {
            return PublicForm.Unreadable();
        }

        var began = time.GetTimestamp();
        var values = JoinValues.Of(form["ref"], form["src"]) with { Email = form["email"], Name = form["name"] };
        // Joining needs nobody's cookie. A form on a page of the company's, which cannot carry our token, is let in by where it stands.
        if (!form.Genuine && !origins.Admit(context.Request.Headers.Origin))
        {
            return PublicPage.Show<JoinPage>(new { Values = values, Notice = words["Stale"] }, StatusCodes.Status400BadRequest);
        }

        var joined = await join.One(Actor.Public, new JoinRequest(values.Email, values.Name, values.Source, values.Referral), cancel);
        if (joined.Succeeded)
        {
            await EvenTime.Wait(began, time, cancel);
        }

        return joined.Failure switch
        {
            null => PublicPage.SeeOther("/waitlist/sent"),
            Invalid invalid => PublicPage.Show<JoinPage>(new { Values = values, Wrong = words.Of(invalid) }, StatusCodes.Status422UnprocessableEntity),
            var other => PublicPage.Show<JoinPage>(new { Values = values, Notice = words.Of(other.Detail) }, other.Slug == "unavailable" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status400BadRequest),
        };
    }

    private static async Task<IResult> Confirm(string token, HttpContext context, ConfirmEmail confirm, Words words, CancellationToken cancel)
    {
        if (await PublicForm.Read(context) is not { Genuine: true })
        {
            return PublicPage.Show<ConfirmPage>(new { Token = token, Notice = words["Stale"] }, StatusCodes.Status400BadRequest);
        }

        var confirmed = await confirm.One(Actor.Public, token, cancel);
        return confirmed.Failure switch
        {
            null => PublicPage.SeeOther($"/waitlist/status/{confirmed.Value!.StatusToken}"),
            { Slug: "unavailable" } busy => PublicPage.Show<ConfirmPage>(new { Token = token, Notice = words.Of(busy.Detail) }, StatusCodes.Status503ServiceUnavailable),
            var refused => Refused(refused),
        };
    }

    private static IResult Refused(Failure failure) => failure is TokenExpired
        ? PublicPage.Notice("LinkExpired", "LinkExpiredLead", StatusCodes.Status410Gone, "LinkNew")
        : PublicPage.Notice("LinkUnknown", "LinkUnknownJoin", StatusCodes.Status404NotFound, "LinkNew");
}

/// <summary>What stands in the join form. Referral and source come from the link and are carried along hidden.</summary>
public sealed record JoinValues(string? Email, string? Name, string? Referral, string? Source)
{
    // A long one is none we gave out, and must not stop anybody from joining.
    public static JoinValues Of(string? referral, string? source) => new(null, null, Short(referral), Short(source));

    private static string? Short(string? value) => value is { Length: > 0 and <= 100 } && People.PlainText.IsClean(value) ? value : null;
}
