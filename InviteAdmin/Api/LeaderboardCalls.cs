using InviteAdmin.Access;
using InviteAdmin.Referrals;

namespace InviteAdmin.Api;

/// <summary>The leaderboard.</summary>
internal static class LeaderboardCalls
{
    private const int Most = 200;

    public static void MapLeaderboard(this IEndpointRouteBuilder api) =>
        api.MapGet("/leaderboard", Top).Describe("getLeaderboard", "Members", "The members who brought the most people", Scope.Read,
                "limit is 1 to 200 (100 without it). downstream counts everybody below a member in the chain.", ["validation"],
                answer: """[{"rank":1,"userId":"usr_01jcz8a1b2c3d4e5","name":"Ann Example","referrals":47,"downstream":112,"tier":"vip"}]""")
            .Produces<IReadOnlyList<LeaderboardRow>>();

    private static async Task<IResult> Top(ReferralQueries referrals, CancellationToken cancel, int limit = 100) => limit is < 1 or > Most
        ? Problem.OfField("limit", $"Limit must be between 1 and {Most}.")
        : TypedResults.Ok(await referrals.Leaderboard(limit, cancel));
}
