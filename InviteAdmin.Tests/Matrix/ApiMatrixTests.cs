using System.Text.RegularExpressions;
using InviteAdmin.Access;
using InviteAdmin.Api;
using InviteAdmin.Tests.Api;
using InviteAdmin.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace InviteAdmin.Tests.Matrix;

/// <summary>Every call of the API with a key of every single scope. The routes are asked for, so that a new one fails until it stands in the table.</summary>
[Collection(ApiCollection.Name)]
public sealed partial class ApiMatrixTests(RunningApp app)
{
    // Without a scope: the token in the call is its key.
    private static readonly Dictionary<string, string?> Table = new(StringComparer.Ordinal)
    {
        ["POST /waitlist"] = Scope.Join,
        ["POST /waitlist/confirm"] = null,
        ["GET /waitlist/{statusToken}"] = null,
        ["POST /waitlist/{statusToken}/decline"] = null,
        ["GET /codes/{code}"] = Scope.Redeem,
        ["POST /codes/{code}/revoke"] = Scope.Manage,
        ["POST /redemptions"] = Scope.Redeem,
        ["POST /members/{userId}/codes"] = Scope.Manage,
        ["GET /members/{userId}"] = Scope.Read,
        ["GET /members/{userId}/referrals"] = Scope.Read,
        ["POST /campaigns"] = Scope.Manage,
        ["GET /campaigns/{slug}/codes.csv"] = Scope.Manage,
        ["POST /cohorts"] = Scope.Manage,
        ["GET /cohorts"] = Scope.Read,
        ["GET /cohorts/{id}"] = Scope.Read,
        ["POST /cohorts/{id}/undo"] = Scope.Manage,
        ["POST /cohorts/{id}/recall"] = Scope.Manage,
        ["GET /leaderboard"] = Scope.Read,
        ["GET /rollout"] = Scope.Read,
        ["PUT /rollout"] = Scope.Manage,
        ["POST /rollout/pause"] = Scope.Manage,
        ["POST /rollout/resume"] = Scope.Manage,
        ["POST /rollout/approve"] = Scope.Manage,
        ["POST /mail/events"] = Scope.Manage,
        ["POST /signals"] = Scope.Manage,
        ["POST /members/{userId}/activity"] = Scope.Redeem,
        ["GET /stats"] = Scope.Read,
        ["GET /people"] = Scope.Manage,
        ["GET /people/{id}/export"] = Scope.Manage,
        ["DELETE /people/{id}"] = Scope.Manage,
        ["GET /webhooks"] = Scope.Manage,
        ["POST /webhooks"] = Scope.Manage,
        ["DELETE /webhooks/{id}"] = Scope.Manage,
        ["POST /webhooks/{id}/test"] = Scope.Manage,
        ["POST /webhooks/{id}/replay"] = Scope.Manage,
    };

    [Fact]
    public void Routes_OfTheApi_AreAllInTheTableWithTheirScope() =>
        Assert.Equal(Table.Select(t => $"{t.Key}: {t.Value}").Order(StringComparer.Ordinal), app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<ApiCall>() is not null)
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText![ApiRoutes.Root.Length..].TrimEnd('/')}: {e.Metadata.GetMetadata<ApiCall>()!.Scope}"))
            .Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(Scope.Join)]
    [InlineData(Scope.Redeem)]
    [InlineData(Scope.Read)]
    [InlineData(Scope.Manage)]
    public async Task Route_EveryOne_LetsItsScopeInAndNamesItToOthers(string scope)
    {
        using var api = await ApiClient.With(app, scope);
        foreach (var (route, needs) in Table)
        {
            var (method, path) = (route.Split(' ')[0], Parameter().Replace(route.Split(' ')[1], "x"));
            var answer = method switch { "GET" => await api.Get(path), "PUT" => await api.Put(path, new { }), "DELETE" => await api.Delete(path), _ => await api.Post(path, new { }) };
            if (needs is null || needs == scope) Assert.False((int)answer.Status is 401 or 403 or >= 500, $"{route} with {scope}: {answer.Text}");
            else Assert.Contains($"the scope {needs}", answer.Problem(403, "not-allowed").GetProperty("detail").GetString()!, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
