using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Rollout;

/// <summary>What came of a queued release: the cohort, or the sentence that says why there is none.</summary>
public sealed record ReleaseReport(CohortFacts? Cohort, string? Slug, string? Refusal);

/// <summary>A release as durable work: the click is a row, so a closed tab or a restart cannot lose it and a double click cannot repeat it.</summary>
public sealed class QueueRelease(Transactions transactions, Operations operations, ReleaseCohort release)
{
    /// <param name="requestKey">Made when the confirmation was shown; the same key again is the same release.</param>
    public async Task<Outcome<string>> Start(Actor actor, ReleaseRequest request, string requestKey, CancellationToken cancel) =>
        actor.Refuse(Permission.Release) is { } refused
            ? refused
            : await transactions.Run<string>(async connection =>
                await operations.Queue(connection, actor, "release", $"release:{requestKey}", JsonSerializer.Serialize(request, JsonSerializerOptions.Web), cancel), cancel);

    internal async Task Run(RunningOperation operation, CancellationToken cancel)
    {
        var request = JsonSerializer.Deserialize<ReleaseRequest>(operation.Request, JsonSerializerOptions.Web)!;
        await transactions.BeginOuter(cancel);
        var outcome = await release.Release(operation.Actor, request, cancel);
        var report = new ReleaseReport(outcome.Value, outcome.Failure?.Slug, outcome.Failure?.Detail);
        await transactions.Run(async connection =>
        {
            // The cohort and the word "done" share a commit, so that a takeover can never release again.
            if (!await Operations.Progress(connection, operation.Id, outcome.Value?.Invited ?? 0, outcome.Value?.Invited ?? 0, cancel))
            {
                throw new WorkTakenOver();
            }

            await Operations.Finish(connection, operation.Id, JsonSerializer.Serialize(report, JsonSerializerOptions.Web), cancel);
            return true;
        }, cancel);
        await transactions.CommitOuter();
    }
}
