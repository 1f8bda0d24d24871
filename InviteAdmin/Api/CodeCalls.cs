using System.ComponentModel.DataAnnotations;
using InviteAdmin.Access;
using InviteAdmin.Invites;
using InviteAdmin.Results;

namespace InviteAdmin.Api;

/// <summary>A person who signs up with a code.</summary>
/// <param name="EmailVerified">False without it. True when the caller has verified the address; their place on the waitlist is then found by it.</param>
public sealed record RedeemBody([property: Required] string? Code, [property: Required] string? Email, [property: Required] string? Name, bool EmailVerified = false);

/// <summary>Why a code is taken back.</summary>
public sealed record RevokeBody([property: Required] string? Reason);

/// <summary>How many codes to give, 1 to 100.</summary>
public sealed record IssueBody(int Count);

/// <summary>What a code is worth now. Reason is null while it is valid.</summary>
public sealed record CodeAnswer(string Code, bool Valid, CodeReason? Reason, CodeAnswerKind Kind, string? Tier, string? Campaign, int UsesLeft, DateTimeOffset? ExpiresAt);

/// <summary>Why a code cannot be used.</summary>
public enum CodeReason
{
    Unknown,
    Revoked,
    Expired,
    Exhausted,
}

/// <summary>The kinds of code; unknown when there is no such code.</summary>
public enum CodeAnswerKind
{
    Unknown,
    Personal,
    Campaign,
    Vip,
    Waitlist,
}

/// <summary>A code to give away, and the sign-up page that has it filled in.</summary>
public sealed record GivenCodeAnswer(string Code, string Link, DateTimeOffset? ExpiresAt);

/// <summary>A new member. invitedBy is the userId of the member who brought them.</summary>
public sealed record RedemptionAnswer(string UserId, string Tier, string? InvitedBy, IReadOnlyList<GivenCodeAnswer> Codes);

/// <summary>Codes just given to a member.</summary>
public sealed record IssuedCodesAnswer(IReadOnlyList<GivenCodeAnswer> Codes);

/// <summary>The routes of codes, redemptions and members' codes.</summary>
internal static class CodeCalls
{
    private const string Tag = "Codes";
    private const string Code = """{"code":"7F3K-Q2MX-9ZTA","valid":true,"reason":null,"kind":"personal","tier":null,"campaign":null,"usesLeft":1,"expiresAt":"2026-12-22T09:30:00Z"}""";
    private const string Given = """[{"code":"7F3K-Q2MX-9ZTA","link":"https://launch.example.com/signup?code=7F3K-Q2MX-9ZTA","expiresAt":"2026-12-22T09:30:00Z"}]""";

    public static void MapCodes(this IEndpointRouteBuilder api)
    {
        api.MapGet("/codes/{code}", Find).Describe("getCode", Tag, "Look a code up", Scope.Redeem,
                "Case, spaces and dashes do not matter. An unknown code is an answer too: valid is false and reason is unknown.", ["not-found"], answer: Code)
            .Produces<CodeAnswer>();

        api.MapPost("/codes/{code}/revoke", Revoke).Describe("revokeCode", Tag, "Take a code back", Scope.Manage,
                "Its unused uses end; whoever used it stays a member. Again changes nothing.",
                ["malformed-json", "body-too-large", "unsupported-media-type", "code-unknown", "validation", "idempotency-in-flight", "idempotency-mismatch"],
                """{"reason":"Posted in public."}""", Code.Replace("true,\"reason\":null", "false,\"reason\":\"revoked\"", StringComparison.Ordinal))
            .Produces<CodeAnswer>();

        api.MapPost("/redemptions", Redeem).Describe("redeemCode", Tag, "Sign a person up with a code", Scope.Redeem,
                "Spends one use, makes the member, credits who brought them and gives the member codes of their own, all in one transaction.",
                ["malformed-json", "body-too-large", "unsupported-media-type", "code-unknown", "code-revoked", "code-expired", "code-exhausted", "email-registered", "validation", "idempotency-in-flight", "idempotency-mismatch"],
                """{"code":"7F3K-Q2MX-9ZTA","email":"ben@example.com","name":"Ben Example","emailVerified":true}""",
                $$"""{"userId":"usr_01jd4x9c5d7f8g2h","tier":"standard","invitedBy":"usr_01jcz8a1b2c3d4e5","codes":{{Given}}}""")
            .SharesCommit<RedeemAnswer>((services, redeemed) => Task.FromResult(Redeemed(redeemed, services.GetRequiredService<Links>())))
            .Produces<RedemptionAnswer>(StatusCodes.Status201Created);

        api.MapPost("/members/{userId}/codes", Issue).Describe("issueCodes", "Members", "Give a member more codes", Scope.Manage,
                "Personal codes of one use each, recorded as a grant.",
                ["malformed-json", "body-too-large", "unsupported-media-type", "not-found", "validation", "idempotency-in-flight", "idempotency-mismatch"],
                """{"count":3}""", $$"""{"codes":{{Given}}}""")
            .Produces<IssuedCodesAnswer>(StatusCodes.Status201Created);
    }

    private static async Task<IResult> Find(string code, Caller caller, CodeQueries codes, CancellationToken cancel) =>
        (await codes.Find(caller.Actor, code, cancel)).Answer(facts => TypedResults.Ok(Answer(facts)));

    private static async Task<IResult> Revoke(string code, RevokeBody body, Caller caller, RevokeCode revoke, CancellationToken cancel) =>
        (await revoke.One(caller.Actor, code, body.Reason, cancel)).Answer(facts => TypedResults.Ok(Answer(facts)));

    private static async Task<IResult> Redeem(RedeemBody body, Caller caller, RedeemInvite redeem, Links links, CancellationToken cancel) =>
        Redeemed(await redeem.One(caller.Actor, new RedeemRequest(body.Code, body.Email, body.Name, body.EmailVerified), cancel), links);

    private static IResult Redeemed(Outcome<RedeemAnswer> redeemed, Links links) =>
        redeemed.Answer(member => TypedResults.Json(new RedemptionAnswer(member.UserId, member.Tier, member.InvitedBy, Answer(member.Codes, links)), statusCode: StatusCodes.Status201Created));

    private static async Task<IResult> Issue(string userId, IssueBody body, Caller caller, IssueCodes issue, Links links, CancellationToken cancel) =>
        (await issue.ToMember(caller.Actor, userId, body.Count, cancel)).Answer(
            codes => TypedResults.Json(new IssuedCodesAnswer(Answer(codes, links)), statusCode: StatusCodes.Status201Created));

    private static CodeAnswer Answer(CodeFacts facts) => new(
        facts.Code, facts.Valid, facts.Reason is { } reason ? Enum.Parse<CodeReason>(reason, true) : null, Enum.Parse<CodeAnswerKind>(facts.Kind, true),
        facts.Tier, facts.Campaign, facts.UsesLeft, facts.ExpiresAt);

    private static GivenCodeAnswer[] Answer(IReadOnlyList<GivenCode> codes, Links links) =>
        [.. codes.Select(c => new GivenCodeAnswer(c.Code, links.Signup(c.Code), c.ExpiresAt))];
}
