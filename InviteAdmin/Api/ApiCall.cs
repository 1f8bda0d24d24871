using InviteAdmin.Results;

namespace InviteAdmin.Api;

/// <summary>What a route needs and says of itself: the scope of the key (null when none is needed), its problem types and an example.</summary>
public sealed record ApiCall(string? Scope, IReadOnlyList<string> Problems, string? RequestExample, string? AnswerExample);

/// <summary>The route's effect shares a commit with others; <c>Show</c> turns its outcome into the answer.</summary>
public sealed record SharesCommit(Func<IServiceProvider, object, Task<IResult>> Show);

/// <summary>How routes declare themselves and turn outcomes into answers.</summary>
public static class ApiCalls
{
    private static readonly string[] OfEvery = ["bad-request", "rate-limited", "internal", "unavailable"];

    /// <param name="operationId">The name of the operation in the OpenAPI document.</param>
    /// <param name="scope">One of <see cref="Access.Scope"/>, or null for a call whose token is its key.</param>
    /// <param name="problems">Slugs this call can answer beside those of every call.</param>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder route, string operationId, string tag, string summary, string? scope, string description, string[] problems, string? request = null, string? answer = null)
    {
        string[] ofKey = scope is null ? ["unauthorized"] : ["unauthorized", "not-allowed"];
        return route.WithName(operationId).WithTags(tag).WithSummary(summary).WithDescription(description)
            .WithMetadata(new ApiCall(scope, [.. problems, .. ofKey, .. OfEvery], request, answer));
    }

    /// <summary>Says how an outcome is shown, for calls whose effect shares a commit with others: it is stored in that commit.</summary>
    public static RouteHandlerBuilder SharesCommit<T>(this RouteHandlerBuilder route, Func<IServiceProvider, Outcome<T>, Task<IResult>> show) =>
        route.WithMetadata(new SharesCommit((services, outcome) => show(services, (Outcome<T>)outcome)));

    public static IResult Answer<T>(this Outcome<T> outcome, Func<T, IResult> answer) =>
        outcome.Succeeded ? answer(outcome.Value) : Problem.Of(outcome.Failure);
}
