using InviteAdmin.Access;
using InviteAdmin.Invites;
using InviteAdmin.People;
using InviteAdmin.Results;

namespace InviteAdmin.Public;

/// <summary>Signing up with a code. Without a good code every email is answered alike; who holds one is told when their email has an account.</summary>
internal static class SignupPages
{
    public static void MapSignupPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/signup", async (HttpContext context, CodeQueries codes, Words words, CancellationToken cancel) =>
            await Form(new SignupValues(context.Request.Query["code"], null, null), codes, words, cancel));
        pages.MapPost("/signup", Redeem);
        pages.MapGet("/signup/welcome/{ticket}", Welcome);
    }

    private static async Task<IResult> Redeem(HttpContext context, RedeemInvite redeem, SignupTickets tickets, Words words, CancellationToken cancel)
    {
        if (await PublicForm.Read(context) is not { } form)
        {
            return PublicForm.Unreadable();
        }

        var values = new SignupValues(form["code"], form["email"], form["name"]);
        if (!form.Genuine)
        {
            return PublicPage.Show<SignupPage>(new { Values = values, Notice = words["Stale"] }, StatusCodes.Status400BadRequest);
        }

        var redeemed = await redeem.One(Actor.Public, new RedeemRequest(values.Code, values.Email, values.Name), cancel);
        if (redeemed.Succeeded)
        {
            return PublicPage.SeeOther($"/signup/welcome/{tickets.For(redeemed.Value.UserId)}");
        }

        if (redeemed.Failure is { Slug: "unavailable" } busy)
        {
            return PublicPage.Show<SignupPage>(new { Values = values, Notice = words.Of(busy.Detail) }, StatusCodes.Status503ServiceUnavailable);
        }

        // Field errors first: a code is not judged before the rest of the form is right.
        var wrong = redeemed.Failure switch
        {
            Invalid invalid => words.Of(invalid),
            EmailRegistered registered => new Dictionary<string, string> { ["email"] = words.Of(registered.Detail) },
            var refused => new Dictionary<string, string> { ["code"] = words.Of(refused.Detail) },
        };
        return PublicPage.Show<SignupPage>(new { Values = values, Wrong = wrong }, Status(redeemed.Failure));
    }

    private static async Task<IResult> Form(SignupValues values, CodeQueries codes, Words words, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(values.Code))
        {
            return PublicPage.Show<SignupPage>(new { Values = values });
        }

        var facts = (await codes.Find(Actor.Public, values.Code, cancel)).Must();
        Failure? refusal = facts.Reason switch
        {
            null => null,
            "revoked" => new CodeRevoked(),
            "expired" => new CodeExpired(),
            "exhausted" => new CodeExhausted(),
            _ => new CodeUnknown(),
        };
        return refusal is null
            ? PublicPage.Show<SignupPage>(new { Values = values with { Code = facts.Code }, Good = facts })
            : PublicPage.Show<SignupPage>(new { Values = values, Wrong = new Dictionary<string, string> { ["code"] = words.Of(refusal.Detail) } }, Status(refusal));
    }

    private static async Task<IResult> Welcome(string ticket, SignupTickets tickets, MemberQueries members, Links links, CancellationToken cancel) =>
        tickets.Read(ticket) is { } userId && await members.WithCodes(userId, cancel) is var (name, codes)
            ? PublicPage.Show<WelcomePage>(new { Name = name, Codes = codes.Select(c => (c.Code, Link: links.Signup(c.Code), c.ExpiresAt)).ToList() })
            : PublicPage.Notice("WelcomeGone", "WelcomeGoneLead", StatusCodes.Status410Gone, "");

    private static int Status(Failure failure) => Api.ProblemType.Of(failure.Slug).Status;
}

/// <summary>What stands in the signup form.</summary>
public sealed record SignupValues(string? Code, string? Email, string? Name);
