using System.Data.Common;
using InviteAdmin.Results;

namespace InviteAdmin.Rollout;

/// <summary>Whom to release: the next <c>Count</c> in rank order, or exactly the entries named. <c>ExpectedNumber</c> is the cohort number a preview promised.</summary>
public sealed record ReleaseRequest(int Count, string? Note = null, int? ExpectedNumber = null, IReadOnlyList<string>? EntryIds = null);

/// <summary>A cohort as it stands.</summary>
public sealed record CohortFacts(
    string Id, int Number, int Requested, int Invited, DateTimeOffset UndoUntil, string Snapshot, string State, string? Note, string CreatedBy, DateTimeOffset CreatedAt)
{
    internal const string Columns = "public_id, number, requested, invited, undo_until, snapshot, state, note, created_by, created_at";

    internal static CohortFacts Read(DbDataReader row) => new(
        row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetFieldValue<DateTimeOffset>(4), row.GetString(5), row.GetString(6),
        row.IsDBNull(7) ? null : row.GetString(7), row.GetString(8), row.GetFieldValue<DateTimeOffset>(9));
}

/// <summary>One person a release would invite, and why they are next.</summary>
public sealed record PreviewedPerson(long Rank, string EntryId, string Email, string Name, int Points, string Why, string? Source);

/// <summary>One person a release passes by, and why.</summary>
public sealed record SkippedPerson(string EntryId, string Email, string Reason);

/// <summary>A source's part of the batch against its part of the whole queue.</summary>
public sealed record SourceShare(string Source, long InBatch, long InQueue);

/// <summary>What a release would do now; nothing has been written.</summary>
public sealed record ReleasePreview(
    int NextNumber, IReadOnlyList<PreviewedPerson> Invited, IReadOnlyList<SkippedPerson> Skipped, int? CapacityAfter, long Waiting, IReadOnlyList<SourceShare> Mix);

/// <summary>The cohort a preview promised has been released already, by this click's twin or by a colleague.</summary>
public sealed record AlreadyReleased(CohortFacts Cohort) : Failure(
    "cohort-exists", $"Cohort {Cohort.Number} has been released already by {Cohort.CreatedBy}: {Cohort.Invited:N0} people invited. Nothing was sent twice.");

/// <summary>The plan is paused or was halted, and with it every release.</summary>
public sealed record RolloutPaused(string? By, string? Halted = null) : Failure(
    "rollout-paused", Halted is null ? $"The rollout is paused{(By is null ? "" : $" by {By}")}. Resume it to invite people." : $"{Halted} Resume the rollout to invite people.");

/// <summary>All seats are taken.</summary>
public sealed record NoCapacity(int Capacity) : Failure("no-capacity", $"All {Capacity:N0} seats are taken by members and open invitations. Raise the capacity or wait for invitations to lapse.");

/// <summary>Nobody can be invited.</summary>
public sealed record NobodyWaiting() : Failure("nobody-waiting", "Nobody is waiting who could be invited.");
