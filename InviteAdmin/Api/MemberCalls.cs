using InviteAdmin.Access;
using InviteAdmin.People;
using InviteAdmin.Referrals;

namespace InviteAdmin.Api;

/// <summary>The reads of members: one, their chain, and the leaderboard.</summary>
internal static class MemberCalls
{
    private const string Tag = "Members";
    private const int MostOnLeaderboard = 200;
    private const int DeepestChain = 20;
    private const string Person = """{"userId":"usr_01jd4x9c5d7f8g2h","name":"Ben Example","tier":"standard","depth":1,"invitedBy":"usr_01jcz8a1b2c3d4e5","referrals":0,"registeredAt":"2026-11-22T09:30:00Z"}""";

    public static void MapMembers(this IEndpointRouteBuilder api)
    {
        api.MapGet("/members/{userId}", One).Describe("getMember", Tag, "One member with their counts", Scope.Read,
                "referrals are credited ones; codes are the member's personal codes.", ["not-found"],
                answer: """{"userId":"usr_01jcz8a1b2c3d4e5","email":"ann@example.com","name":"Ann Example","tier":"vip","registeredAt":"2026-11-20T09:30:00Z","invitedBy":null,"referrals":47,"codesGiven":50,"codesUsed":44,"codesOpen":3}""")
            .Produces<MemberCounts>();

        api.MapGet("/members/{userId}/referrals", Chain).Describe("getReferrals", Tag, "The chain below a member and the path to its root", Scope.Read,
                "depth is 1 to 20 (3 without it). Up to 1,000 people below, the nearest first; truncated says when there are more.", ["not-found", "validation"],
                answer: $$"""{"path":[],"below":[{{Person}}],"truncated":false}""")
            .Produces<ReferralChain>();

        api.MapGet("/leaderboard", Top).Describe("getLeaderboard", Tag, "The members who brought the most people", Scope.Read,
                "limit is 1 to 200 (100 without it). downstream counts everybody below a member in the chain. The header X-As-Of tells the time the answer is of.", ["validation"],
                answer: """[{"rank":1,"userId":"usr_01jcz8a1b2c3d4e5","name":"Ann Example","referrals":47,"downstream":112,"tier":"vip"}]""")
            .Produces<IReadOnlyList<LeaderboardRow>>().WithMetadata(new AsOf());
    }

    private static async Task<IResult> One(string userId, MemberQueries members, CancellationToken cancel) =>
        await members.ById(userId, cancel) is { } member ? TypedResults.Ok(member) : Unknown();

    private static async Task<IResult> Chain(string userId, MemberQueries members, ReferralQueries referrals, CancellationToken cancel, int depth = 3)
    {
        if (depth is < 1 or > DeepestChain)
        {
            return Problem.OfField("depth", $"Depth must be between 1 and {DeepestChain}.");
        }

        return await members.ById(userId, cancel) is null ? Unknown() : TypedResults.Ok(await referrals.Chain(userId, depth, cancel));
    }

    private static async Task<IResult> Top(ReferralQueries referrals, CancellationToken cancel, int limit = 100)
    {
        if (limit is < 1 or > MostOnLeaderboard)
        {
            return Problem.OfField("limit", $"Limit must be between 1 and {MostOnLeaderboard}.");
        }

        var answer = await referrals.Leaderboard(limit, cancel);
        return AsOf.Say(TypedResults.Ok(answer.Rows), answer.AsOf);
    }

    private static IResult Unknown() => Problem.Of("not-found", "There is no such member.");
}
