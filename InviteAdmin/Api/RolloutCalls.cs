using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using InviteAdmin.Access;
using InviteAdmin.People;
using InviteAdmin.Rollout;

namespace InviteAdmin.Api;

/// <summary>Where the rollout stands. stage counts from 1; soakDay is null unless the stage soaks, waitsFor and heldSince unless it is held, nextBatchAt while nothing is under way.</summary>
public sealed record RolloutAnswer(
    RolloutState State, int Stage, int? SoakDay, DateTimeOffset? NextBatchAt, string Reason, HoldCause? WaitsFor, DateTimeOffset? HeldSince, PlanRequest Plan, CapacityAnswer Capacity,
    IReadOnlyList<DecisionAnswer> Decisions, ForecastAnswer? Forecast, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Warnings = null);

/// <summary>The states of a plan.</summary>
public enum RolloutState
{
    Draft,
    Running,
    Soaking,
    Holding,
    Paused,
    Completed,
}

/// <summary>What a held plan waits for: its gate to pass, enough data, an approval, or somebody who lets it go on after a halt.</summary>
public enum HoldCause
{
    Gate,
    Data,
    Approval,
    Person,
}

/// <summary>Seats of the plan, and who holds them. seats and free are null without a limit.</summary>
public sealed record CapacityAnswer(int? Seats, long Members, long Outstanding, long? Free);

/// <summary>One decision and the facts it was made from.</summary>
public sealed record DecisionAnswer(DateTimeOffset At, string Outcome, string Reason, JsonElement Inputs);

/// <summary>Between which days nobody will be waiting any more, in four of five courses.</summary>
public sealed record ForecastAnswer(DateOnly EmptyFrom, DateOnly EmptyTo);

/// <summary>Why somebody pauses, resumes or approves; for colleagues.</summary>
public sealed record ReasonBody(string? Reason);

/// <summary>It was taken.</summary>
public sealed record AcceptedAnswer(bool Accepted);

/// <summary>When the member was active; now without it.</summary>
public sealed record ActivityBody(DateTimeOffset? At);

/// <summary>The routes of the rollout: the plan, and what its gates measure.</summary>
internal static class RolloutCalls
{
    private const string Tag = "Rollout";
    private const int DecisionsShown = 20;
    private const string Taken = """{"accepted":true}""";
    private static readonly string[] OfBody = ["malformed-json", "body-too-large", "unsupported-media-type", "validation"];
    private static readonly string[] OfPost = [.. OfBody, "idempotency-in-flight", "idempotency-mismatch"];
    private const string Plan =
        """
        {"zone":"Europe/Berlin","sendAt":"09:00","days":["mon","tue","wed","thu","fri"],"capacity":5000,"mailPerMinute":null,"stages":[{"name":"First people","batchSize":100,"batches":5,"soakDays":3,"approval":"auto","gate":[{"metric":"conversion","atLeast":0.35,"minimumSample":50,"afterDays":3},{"metric":"signal","atMost":0.01,"name":"error_rate","use":"mean","hours":24}]},{"name":"Everyone","batchSize":500,"batches":null,"soakDays":0,"approval":"auto","gate":[]}],"version":4}
        """;
    private const string Answer =
        $$"""
        {"state":"soaking","stage":1,"soakDay":2,"nextBatchAt":"2026-11-30T08:00:00Z","reason":"Stage 1 soaks: day 2 of 3.","waitsFor":null,"heldSince":null,"plan":{{Plan}},"capacity":{"seats":5000,"members":180,"outstanding":320,"free":4500 },"decisions":[{"at":"2026-11-26T08:00:00Z","outcome":"soaking","reason":"Stage 1 soaks: day 1 of 3.","inputs":{} }],"forecast":{"emptyFrom":"2027-01-11","emptyTo":"2027-01-19"} }
        """;
    private const string AnswerOfMove =
        $$"""
        {"state":"paused","stage":1,"soakDay":null,"nextBatchAt":null,"reason":"Paused; nothing is sent.","waitsFor":null,"heldSince":null,"plan":{{Plan}},"capacity":{"seats":5000,"members":180,"outstanding":320,"free":4500 },"decisions":[{"at":"2026-11-26T08:00:00Z","outcome":"soaking","reason":"Stage 1 soaks: day 1 of 3.","inputs":{} }],"forecast":null }
        """;

    public static void MapRollout(this IEndpointRouteBuilder api)
    {
        api.MapGet("/rollout", Get).Describe("getRollout", Tag, "The plan, where it stands and what it decided last", Scope.Read,
                $"The last {DecisionsShown} decisions, the newest first, each with the facts it was made from.", [], answer: Answer).Produces<RolloutAnswer>();

        api.MapPut("/rollout", Save).Describe("saveRollout", Tag, "Save the plan", Scope.Manage,
                "The whole plan at once: it is taken or refused as a whole. With version (that of the plan you read) somebody else's change in the meantime is not overwritten. warnings says what the plan does that you may not expect.",
                [.. OfBody, "plan-changed"], Plan, Answer).Produces<RolloutAnswer>();

        Move(api, "pause", "pauseRollout", "Pause the rollout", "At once: no release is possible, and no invitation that has not left leaves. Again changes nothing.", (plan, actor, reason, cancel) => plan.Pause(actor, reason, cancel));
        Move(api, "resume", "resumeRollout", "Start the plan, or let it go on", "Starts a draft, and goes on after a pause or a halt. Again changes nothing.", (plan, actor, reason, cancel) => plan.Run(actor, reason, cancel));
        Move(api, "approve", "approveRollout", "Let the next stage begin", "Once the gate of the stage in force has passed and the plan waits for approval.", (plan, actor, reason, cancel) => plan.Approve(actor, reason, cancel));

        api.MapPost("/signals", Signal).Describe("postSignal", Tag, "Post a number for the gates", Scope.Manage,
                $"A name of your own, such as error_rate or p95_ms. at is now without it, at most 7 days back. Kept for {PostSignal.KeptDays} days; at most {PostSignal.MostAMinute} values of a name are taken a minute.",
                OfPost, """{"name":"error_rate","value":0.004}""", Taken).Produces<AcceptedAnswer>(StatusCodes.Status202Accepted);

        api.MapPost("/members/{userId}/activity", Activity).Describe("recordActivity", Tag, "Say that a member was active", Scope.Redeem,
                $"Feeds the gates' retention: one a day (UTC) counts, more change nothing. at is now without it, at most {RecordActivity.OldestDays} days back.", [.. OfPost, "not-found"], """{"at":"2026-11-22T09:30:00Z"}""", Taken).Produces<AcceptedAnswer>(StatusCodes.Status202Accepted);
    }

    // The forecast rests on what is committed, and with an Idempotency-Key the answer is part of the commit.
    private static void Move(IEndpointRouteBuilder api, string path, string operation, string summary, string description, Func<ChangePlan, Actor, string?, CancellationToken, Task<Results.Outcome<bool>>> move) =>
        api.MapPost($"/rollout/{path}", async (ReasonBody? body, Caller caller, ChangePlan plan, ReadRollout rollout, CancellationToken cancel) =>
                await move(plan, caller.Actor, body?.Reason, cancel) is { Succeeded: false, Failure: { } failure } ? Problem.Of(failure) : TypedResults.Ok(Shown(await rollout.Now(DecisionsShown, cancel), null)))
            .Describe(operation, Tag, summary, Scope.Manage, $"{description} Answers the rollout as it stands afterwards, without a forecast: GET /rollout has it.",
                [.. OfPost, "plan-refused"], """{"reason":"A bug in the sign-up."}""", AnswerOfMove).Produces<RolloutAnswer>();

    private static async Task<IResult> Get(ReadRollout rollout, ForecastQueries forecasts, CancellationToken cancel) =>
        TypedResults.Ok(Shown(await rollout.Now(DecisionsShown, cancel), await forecasts.Current(cancel)));

    private static async Task<IResult> Save(PlanRequest body, Caller caller, ChangePlan plan, ReadRollout rollout, ForecastQueries forecasts, CancellationToken cancel)
    {
        var outcome = await plan.Edit(caller.Actor, body, cancel);
        return outcome.Succeeded ? TypedResults.Ok(Shown(await rollout.Now(DecisionsShown, cancel), await forecasts.Current(cancel), outcome.Value.Warnings)) : Problem.Of(outcome.Failure);
    }

    private static RolloutAnswer Shown(RolloutReading read, Forecast? forecast, IReadOnlyList<string>? warnings = null)
    {
        var (plan, standing, seats, decisions) = read;
        return new(
            Enum.Parse<RolloutState>(plan.State, true), plan.Stage + 1, standing.SoakDay, standing.NextBatchAt, standing.Reason, plan.WaitsFor is { } cause ? Enum.Parse<HoldCause>(cause, true) : null, plan.HeldSince,
            plan.AsRequest(), new(seats.Seats, seats.Members, seats.Outstanding, seats.Free),
            [.. decisions.Select(d => new DecisionAnswer(d.At, d.Outcome, d.Reason, JsonElement.Parse(d.Inputs ?? "{}")))], forecast?.Empty is { } empty ? new ForecastAnswer(empty.From, empty.To) : null, warnings);
    }

    private static async Task<IResult> Signal(SignalRequest body, Caller caller, PostSignal signals, HttpContext context, CancellationToken cancel)
    {
        var outcome = await signals.One(caller.Actor, body, cancel);
        if (outcome.Failure is TooManySignals)
        {
            context.Response.Headers.RetryAfter = TooManySignals.RetrySeconds.ToString(CultureInfo.InvariantCulture);
        }

        return outcome.Answer(_ => TypedResults.Accepted((string?)null, new AcceptedAnswer(true)));
    }

    private static async Task<IResult> Activity(string userId, ActivityBody? body, Caller caller, RecordActivity activity, CancellationToken cancel) =>
        (await activity.One(caller.Actor, userId, body?.At, cancel)).Answer(_ => TypedResults.Accepted((string?)null, new AcceptedAnswer(true)));
}
