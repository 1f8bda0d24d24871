using System.Globalization;
using System.Text.Json.Serialization;
using InviteAdmin.Access;
using InviteAdmin.Hosting;
using InviteAdmin.Rollout;

namespace InviteAdmin.Api;

/// <summary>How many of the best-ranked people to invite. With dryRun nothing is written.</summary>
public sealed record ReleaseBody(int Count, string? Note, bool DryRun = false);

/// <summary>Why a cohort is taken back.</summary>
public sealed record RecallBody(string? Reason);

/// <summary>A cohort just released. Until undoUntil it can be undone: its mail is held so long.</summary>
public sealed record ReleasedCohortAnswer(string Id, int Number, int Requested, int Invited, DateTimeOffset UndoUntil, string Snapshot);

/// <summary>What a release would do now.</summary>
public sealed record PreviewAnswer(IReadOnlyList<PreviewedPersonAnswer> Invited, IReadOnlyList<SkippedPersonAnswer> Skipped, int? CapacityAfter);

/// <summary>One person who would be invited, and why they are next.</summary>
public sealed record PreviewedPersonAnswer(long Rank, string Email, string Name, int Points, string Why);

/// <summary>One person who would be passed by, and why.</summary>
public sealed record SkippedPersonAnswer(string Email, string Reason);

/// <summary>A cohort as it stands.</summary>
public record CohortAnswer(
    string Id, int Number, int Requested, int Invited, DateTimeOffset UndoUntil, string Snapshot, CohortState State, string? Note, string CreatedBy, DateTimeOffset CreatedAt);

/// <summary>A cohort with its people by state and its how many had signed up by the end of each day since the release.</summary>
public sealed record CohortDetailAnswer(
    string Id, int Number, int Requested, int Invited, DateTimeOffset UndoUntil, string Snapshot, CohortState State, string? Note, string CreatedBy, DateTimeOffset CreatedAt,
    CohortStates States, IReadOnlyList<CohortDay> Days)
    : CohortAnswer(Id, Number, Requested, Invited, UndoUntil, Snapshot, State, Note, CreatedBy, CreatedAt);

/// <summary>What became of a cohort as a whole.</summary>
public enum CohortState
{
    Released,
    Undone,
    Recalled,
}

/// <summary>How many people wait again.</summary>
public sealed record RecalledAnswer(int Recalled);

/// <summary>One page of a list. nextCursor is null on the last.</summary>
public sealed record Page<T>(IReadOnlyList<T> Data, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);

/// <summary>The routes of cohorts.</summary>
internal static class CohortCalls
{
    private const string Tag = "Cohorts";
    private const string Cohorts = "cohorts";
    private const int MostPerPage = 200;
    private const string Released = """{"id":"co_01jd4xe7h9j2k4m6","number":13,"requested":100,"invited":100,"undoUntil":"2026-11-22T09:31:00Z","snapshot":"9b74c9897bac770ffc029102a200c5de""";
    private const string Cohort = Released + "\",\"state\":\"released\",\"note\":\"Autumn\",\"createdBy\":\"Backend\",\"createdAt\":\"2026-11-22T09:30:00Z\"";

    public static void MapCohorts(this IEndpointRouteBuilder api)
    {
        api.MapPost("/cohorts", Release).Describe("releaseCohort", Tag, "Invite the next people in rank order", Scope.Manage,
                "Codes, invitations and the cohort in one transaction; mail is held until undoUntil. With dryRun the answer is 200 and says who would be invited, who is passed by and why.",
                ["malformed-json", "body-too-large", "unsupported-media-type", "validation", "rollout-paused", "points-being-counted", "no-capacity", "nobody-waiting", "idempotency-in-flight", "idempotency-mismatch"],
                """{"count":100,"note":"Autumn"}""", Released + "\"}")
            .Produces<ReleasedCohortAnswer>(StatusCodes.Status201Created).Produces<PreviewAnswer>().WithRequestTimeout(RequestTime.Wide);

        api.MapGet("/cohorts", List).Describe("listCohorts", Tag, "Cohorts, the newest first", Scope.Read,
                "limit is 1 to 200 (50 without it); cursor is the nextCursor of the page before.", ["validation"], answer: $$"""{"data":[{{Cohort}}}],"nextCursor":null}""")
            .Produces<Page<CohortAnswer>>();

        api.MapGet("/cohorts/{id}", Find).Describe("getCohort", Tag, "One cohort, by id or number", Scope.Read,
                "With its people by state, and how many had signed up by the end of each day since the release (day 0 is the first 24 hours).", ["not-found"],
                answer: Cohort + ""","states":{"invited":22,"registered":78,"lapsed":0,"declined":0,"recalled":0},"days":[{"day":0,"registered":41},{"day":1,"registered":78}]}""")
            .Produces<CohortDetailAnswer>();

        api.MapPost("/cohorts/{id}/undo", Undo).Describe("undoCohort", Tag, "Undo a release before its mail leaves", Scope.Manage,
                "Everybody waits again at their old place. Again changes nothing and answers recalled 0.",
                ["not-found", "undo-closed", "idempotency-in-flight", "idempotency-mismatch"], answer: """{"recalled":100}""")
            .Produces<RecalledAnswer>();

        api.MapPost("/cohorts/{id}/recall", Recall).Describe("recallCohort", Tag, "Take back what a cohort has not used", Scope.Manage,
                "Unused codes are revoked, unsent mail is cancelled, and those people wait again at their old place. Members stay.",
                ["malformed-json", "body-too-large", "unsupported-media-type", "not-found", "validation", "idempotency-in-flight", "idempotency-mismatch"],
                """{"reason":"Wrong list."}""", """{"recalled":22}""")
            .Produces<RecalledAnswer>().WithRequestTimeout(RequestTime.Wide);
    }

    private static async Task<IResult> Release(ReleaseBody body, Caller caller, ReleaseCohort release, CancellationToken cancel)
    {
        var request = new ReleaseRequest(body.Count, body.Note);
        if (body.DryRun)
        {
            return (await release.Preview(caller.Actor, request, cancel)).Answer(preview => TypedResults.Ok(new PreviewAnswer(
                [.. preview.Invited.Select(p => new PreviewedPersonAnswer(p.Rank, p.Email, p.Name, p.Points, p.Why))],
                [.. preview.Skipped.Select(s => new SkippedPersonAnswer(s.Email, s.Reason))],
                preview.CapacityAfter)));
        }

        return (await release.Release(caller.Actor, request, cancel)).Answer(cohort => TypedResults.Created(
            $"{ApiRoutes.Root}/cohorts/{cohort.Id}",
            new ReleasedCohortAnswer(cohort.Id, cohort.Number, cohort.Requested, cohort.Invited, cohort.UndoUntil, cohort.Snapshot)));
    }

    private static async Task<IResult> List(CohortQueries cohorts, CancellationToken cancel, int limit = 50, string? cursor = null)
    {
        if (limit is < 1 or > MostPerPage)
        {
            return Problem.OfField("limit", $"Limit must be between 1 and {MostPerPage}.");
        }

        var before = 0;
        if (cursor is not null && !(Cursor.TryRead(cursor, Cohorts, out var place) && int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out before) && before > 0))
        {
            return Cursor.Refusal();
        }

        var found = await cohorts.List(limit + 1, cursor is null ? null : before, cancel);
        var page = found.Take(limit).ToList();
        return TypedResults.Ok(new Page<CohortAnswer>(
            [.. page.Select(row => row.Cohort).Select(c => new CohortAnswer(c.Id, c.Number, c.Requested, c.Invited, c.UndoUntil, c.Snapshot, State(c), c.Note, c.CreatedBy, c.CreatedAt))],
            found.Count > limit ? Cursor.Of(Cohorts, page[^1].Cohort.Number.ToString(CultureInfo.InvariantCulture)) : null));
    }

    private static async Task<IResult> Find(string id, CohortQueries cohorts, CancellationToken cancel) => await cohorts.Find(id, cancel) is { Cohort: var c }
        ? TypedResults.Ok(new CohortDetailAnswer(
            c.Id, c.Number, c.Requested, c.Invited, c.UndoUntil, c.Snapshot, State(c), c.Note, c.CreatedBy, c.CreatedAt, await cohorts.States(c.Id, cancel), await cohorts.ByDay(c.Id, cancel)))
        : Problem.Of("not-found", "There is no such cohort.");

    private static async Task<IResult> Undo(string id, Caller caller, RecallCohort recall, CancellationToken cancel) =>
        (await recall.Undo(caller.Actor, id, cancel)).Answer(recalled => TypedResults.Ok(new RecalledAnswer(recalled)));

    private static async Task<IResult> Recall(string id, RecallBody? body, Caller caller, RecallCohort recall, CancellationToken cancel) =>
        (await recall.Recall(caller.Actor, id, body?.Reason, cancel)).Answer(recalled => TypedResults.Ok(new RecalledAnswer(recalled)));

    private static CohortState State(CohortFacts cohort) => Enum.Parse<CohortState>(cohort.State, true);
}
