using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using InviteAdmin.Access;
using InviteAdmin.Redis;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using InviteAdmin.Waitlist;

namespace InviteAdmin.Api;

/// <summary>A person to put on the list.</summary>
/// <param name="Source">The slug or the name of a registered source.</param>
/// <param name="Referral">The referral token of the person who brought them; an unknown one is ignored and named in warnings.</param>
/// <param name="EmailVerified">False without it. True when the caller has verified the address: the entry waits at once and no confirmation is mailed.</param>
public sealed record JoinBody([property: Required] string? Email, [property: Required] string? Name, string? Source, string? Referral, bool EmailVerified = false);

/// <summary>The token of a confirmation mail.</summary>
public sealed record ConfirmBody([property: Required] string? Token);

/// <summary>One email on the waitlist. Rank is null unless it waits; ahead is how many stand before it.</summary>
public record EntryAnswer(
    string Id, string Email, string Name, EntryStatus Status, long Position, int Points, long? Rank, string ReferralToken, string ReferralLink, string StatusLink,
    DateTimeOffset JoinedAt, DateTimeOffset? InvitedAt)
{
    /// <summary>Fields of the request that were ignored; only a join has it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>An entry with its place in the queue.</summary>
public sealed record PlacedEntryAnswer(
    string Id, string Email, string Name, EntryStatus Status, long Position, int Points, long? Rank, string ReferralToken, string ReferralLink, string StatusLink,
    DateTimeOffset JoinedAt, DateTimeOffset? InvitedAt, long? Ahead, long Waiting, EstimateAnswer? Estimate)
    : EntryAnswer(Id, Email, Name, Status, Position, Points, Rank, ReferralToken, ReferralLink, StatusLink, JoinedAt, InvitedAt);

/// <summary>When the invitation is likely to come.</summary>
public sealed record EstimateAnswer(DateOnly From, DateOnly To);

/// <summary>The routes under /waitlist.</summary>
internal static class WaitlistCalls
{
    private const string Tag = "Waitlist";

    private const string Entry =
        """
        {"id":"wl_01jd4x7k2m9q3w5r","email":"ann@example.com","name":"Ann Example","status":"unconfirmed","position":1042,"points":0,"rank":null,"referralToken":"01jd4xh2v7","referralLink":"https://launch.example.com/waitlist?ref=01jd4xh2v7","statusLink":"https://launch.example.com/waitlist/status/01jd4xp9s3","joinedAt":"2026-11-22T09:30:00Z","invitedAt":null
        """;

    public static void MapWaitlist(this IEndpointRouteBuilder api)
    {
        api.MapPost("/waitlist", Join).Describe("joinWaitlist", Tag, "Put a person on the waitlist", Scope.Join,
                "One entry per person: the same email again answers 200 with the same entry. A confirmation is mailed unless emailVerified is true.",
                ["malformed-json", "body-too-large", "unsupported-media-type", "validation", "idempotency-in-flight", "idempotency-mismatch"],
                """{"email":"ann@example.com","name":"Ann Example","referral":"01jd4xh2v7","emailVerified":false}""", Entry + ""","warnings":[]}""")
            .SharesCommit<JoinAnswer>((services, joined) => Joined(joined, services.GetRequiredService<RankBoard>(), services.GetRequiredService<Links>(), CancellationToken.None))
            .Produces<EntryAnswer>(StatusCodes.Status201Created).Produces<EntryAnswer>().WithMetadata(new AsOf());

        api.MapPost("/waitlist/confirm", Confirm).Describe("confirmEmail", Tag, "Confirm an email by its mailed token", null,
                "The token is the key. A token used again answers with the same entry.",
                ["malformed-json", "body-too-large", "unsupported-media-type", "token-unknown", "token-expired", "idempotency-in-flight", "idempotency-mismatch"],
                """{"token":"01jd4xk8t5"}""", Entry.Replace("unconfirmed", "waiting", StringComparison.Ordinal).Replace("\"rank\":null", "\"rank\":873", StringComparison.Ordinal) + "}")
            .SharesCommit<EntryFacts>((services, confirmed) => Confirmed(confirmed, services.GetRequiredService<RankBoard>(), services.GetRequiredService<Links>(), CancellationToken.None))
            .Produces<EntryAnswer>();

        api.MapGet("/waitlist/{statusToken}", Status).Describe("getWaitlistStatus", Tag, "A person's own place in the queue", null,
                "The private status token is the key. estimate says between which days the invitation goes out in four of five courses; null when that cannot be said yet.", ["token-unknown"],
                answer: Entry.Replace("unconfirmed", "waiting", StringComparison.Ordinal).Replace("\"rank\":null", "\"rank\":873", StringComparison.Ordinal) + ""","ahead":872,"waiting":9120,"estimate":{"from":"2026-12-03","to":"2026-12-09"}}""")
            .Produces<PlacedEntryAnswer>().WithMetadata(new AsOf());

        api.MapPost("/waitlist/{statusToken}/decline", Decline).Describe("declineEntry", Tag, "Leave the waitlist", null,
                "The person's own wish. An open invitation ends and unsent mail is cancelled. Again changes nothing.",
                ["token-unknown", "already-registered", "idempotency-in-flight", "idempotency-mismatch"],
                answer: Entry.Replace("unconfirmed", "declined", StringComparison.Ordinal) + "}")
            .Produces<EntryAnswer>();
    }

    private static async Task<IResult> Join(JoinBody body, Caller caller, JoinWaitlist join, RankBoard ranks, Links links, CancellationToken cancel) =>
        await Joined(await join.One(caller.Actor, new JoinRequest(body.Email, body.Name, body.Source, body.Referral, body.EmailVerified), cancel), ranks, links, cancel);

    private static async Task<IResult> Joined(Outcome<JoinAnswer> joined, RankBoard ranks, Links links, CancellationToken cancel)
    {
        if (!joined.Succeeded)
        {
            return Problem.Of(joined.Failure);
        }

        var (entry, asOf) = await Entries.Answer(joined.Value.Entry, ranks, links, cancel);
        var answer = entry with { Warnings = joined.Value.Warnings };
        return AsOf.Say(joined.Value.IsNew ? TypedResults.Created(Entries.Location(joined.Value.Entry), answer) : TypedResults.Ok(answer), asOf);
    }

    private static async Task<IResult> Confirm(ConfirmBody body, ConfirmEmail confirm, RankBoard ranks, Links links, CancellationToken cancel) =>
        await Confirmed(await confirm.One(Actor.Public, body.Token, cancel), ranks, links, cancel);

    private static async Task<IResult> Confirmed(Outcome<EntryFacts> confirmed, RankBoard ranks, Links links, CancellationToken cancel) =>
        confirmed.Succeeded ? await Entries.Ok(confirmed.Value, ranks, links, cancel) : Problem.Of(confirmed.Failure);

    private static async Task<IResult> Status(string statusToken, EntryQueries entries, RankBoard ranks, ForecastQueries forecasts, Links links, CancellationToken cancel)
    {
        if (await entries.ByStatusToken(statusToken, cancel) is not { } entry)
        {
            return Problem.Of(new TokenUnknown());
        }

        var place = await ranks.Of(entry.Status, entry.Points, entry.Position, cancel);
        var estimate = place.Rank is { } rank ? await forecasts.ForRank(rank, cancel) : null;
        return AsOf.Say(TypedResults.Ok(Entries.Placed(entry, place, links) with { Estimate = estimate is null ? null : new(estimate.From, estimate.To) }), place.AsOf);
    }

    private static async Task<IResult> Decline(string statusToken, DeclineEntry decline, RankBoard ranks, Links links, CancellationToken cancel)
    {
        var declined = await decline.ByToken(Actor.Public, statusToken, cancel);
        return declined.Succeeded ? await Entries.Ok(declined.Value, ranks, links, cancel) : Problem.Of(declined.Failure);
    }
}

/// <summary>Entries as the contract shows them.</summary>
internal static class Entries
{
    public static string Location(EntryFacts entry) => $"{ApiRoutes.Root}/waitlist/{entry.StatusToken}";

    public static async Task<(EntryAnswer Answer, DateTimeOffset? AsOf)> Answer(EntryFacts entry, RankBoard ranks, Links links, CancellationToken cancel)
    {
        // Only those who wait have a rank; the others are not worth a round trip.
        var place = entry.Status == EntryStatus.Waiting ? await ranks.Of(entry.Status, entry.Points, entry.Position, cancel) : null;
        return (new EntryAnswer(
            entry.Id, entry.Email, entry.Name, entry.Status, entry.Position, entry.Points, place?.Rank, entry.ReferralToken,
            links.Join(entry.ReferralToken), links.Status(entry.StatusToken), entry.JoinedAt, entry.InvitedAt), place?.AsOf);
    }

    public static async Task<IResult> Ok(EntryFacts entry, RankBoard ranks, Links links, CancellationToken cancel)
    {
        var (answer, asOf) = await Answer(entry, ranks, links, cancel);
        return AsOf.Say(TypedResults.Ok(answer), asOf);
    }

    // A rank just earned may be ahead of the count by a moment.
    public static PlacedEntryAnswer Placed(EntryFacts entry, RankAnswer place, Links links) => new(
        entry.Id, entry.Email, entry.Name, entry.Status, entry.Position, entry.Points, place.Rank, entry.ReferralToken,
        links.Join(entry.ReferralToken), links.Status(entry.StatusToken), entry.JoinedAt, entry.InvitedAt, place.Rank - 1, Math.Max(place.Waiting, place.Rank ?? 0), null);
}
