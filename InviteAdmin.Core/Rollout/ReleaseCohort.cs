using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Invites;
using InviteAdmin.Results;
using Microsoft.Extensions.Options;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>The batch of a day and the stage it belongs to.</summary>
internal sealed record PlanBatch(DateOnly LocalDate, int Stage);

/// <summary>
/// Invites the next people in rank order: their codes, their entries, their mail (held for the undo window) and the cohort,
/// in one transaction. Releases wait for each other on the plan's row, so nobody is taken twice and capacity holds.
/// </summary>
public sealed class ReleaseCohort(Transactions transactions, TimeProvider time, IOptions<RolloutOptions> rollout, LifetimeRules lifetimes)
{
    /// <summary>Most people in one release.</summary>
    public const int MostPeople = 100_000;

    public async Task<Outcome<CohortFacts>> Release(Actor actor, ReleaseRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        if (Check(request) is { } invalid)
        {
            return invalid;
        }

        var released = await transactions.Run(connection => Release(connection, actor, request, batch: null, cancel), cancel);
        Telemetry.Released("person", released.Failure?.Slug ?? "released", released.Value?.Invited ?? 0);
        return released;
    }

    /// <summary>What a release would do at this moment, without doing it.</summary>
    public async Task<Outcome<ReleasePreview>> Preview(Actor actor, ReleaseRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        return Check(request) is { } invalid
            ? invalid
            : await transactions.Run<ReleasePreview>(async connection => await ReleasePreviews.Make(connection, request, cancel), cancel);
    }

    private static Invalid? Check(ReleaseRequest request)
    {
        var checks = new FieldChecks();
        checks.Within("count", request.EntryIds?.Count ?? request.Count, 1, MostPeople);
        checks.Text("note", request.Note, 500);
        return checks.Failure;
    }

    /// <summary>The release itself, in the transaction of whoever asks.</summary>
    /// <param name="batch">The plan's batch of a day, of which there is at most one; null for a release by a person.</param>
    internal async Task<Outcome<CohortFacts>> Release(NpgsqlConnection connection, Actor actor, ReleaseRequest request, PlanBatch? batch, CancellationToken cancel)
    {
        var plan = await PlanLock.Take(connection, cancel);
        var requested = request.EntryIds?.Count ?? request.Count;
        LongWork.Begin(requested);
        if (plan.Refusal is { } refusal)
        {
            return refusal;
        }

        var number = await connection.Scalar<int>("SELECT coalesce(max(number), 0) + 1 FROM cohorts", cancel);
        if (request.ExpectedNumber is { } expected && expected < number)
        {
            return new AlreadyReleased((await connection.Query($"SELECT {CohortFacts.Columns} FROM cohorts WHERE number = $1", CohortFacts.Read, cancel, expected))[0]);
        }

        var free = await PlanLock.FreeSeats(connection, plan, cancel);
        if (free <= 0)
        {
            return new NoCapacity(plan.Capacity!.Value);
        }

        var most = Math.Min(requested, free ?? int.MaxValue);
        var picked = new List<Picked>(most);
        for (var round = 0; round < 3 && picked.Count < most; round++)
        {
            // People who left the queue between the pick and the lock are made up for by the next in rank.
            var more = await connection.Query(ReleaseSql.Pick(most - picked.Count, request.EntryIds is not null), Picked.Read, cancel,
                request.EntryIds is null ? [picked.Select(p => p.Id).ToArray()] : [picked.Select(p => p.Id).ToArray(), request.EntryIds.ToArray()]);
            picked.AddRange(more);
            if (more.Count == 0)
            {
                break;
            }
        }

        if (picked.Count == 0)
        {
            return new NobodyWaiting();
        }

        // Whose points rose until they were locked stands accordingly.
        var ranks = picked.Select(p => p.Rank).Order().ToList();
        picked = [.. picked.OrderByDescending(p => p.Points).ThenBy(p => p.Position).Select((p, i) => p with { Rank = ranks[i] })];
        var snapshot = Snapshot(picked.Select(p => (p.Rank, p.PublicId, p.Points, p.Position)));
        var id = await connection.Scalar<long>(ReleaseSql.AddCohort, cancel,
            Tokens.NewId("co", time), number, batch is null ? null : plan.Id, batch?.LocalDate, requested, picked.Count, free, request.Note?.Trim(), actor.Name, rollout.Value.UndoSeconds, snapshot, batch?.Stage);
        await connection.Execute(ReleaseSql.Invite, cancel,
            id, picked.Select(p => p.Id).ToArray(), picked.Select(p => (int)p.Rank).ToArray(), CodeText.New(picked.Count), (await lifetimes.Now(connection, cancel)).InvitationDays);
        var facts = (await connection.Query($"SELECT {CohortFacts.Columns} FROM cohorts WHERE id = $1", CohortFacts.Read, cancel, id))[0];
        await connection.Audit(actor, "cohort.released", "cohort", facts.Id, cancel, after: new { facts.Number, facts.Requested, facts.Invited, facts.Snapshot }, reason: facts.Note);
        return facts;
    }

    /// <summary>SHA-256 over one line per person: rank, entry, points, position. The same list gives the same hash, whoever recomputes it.</summary>
    internal static string Snapshot(IEnumerable<(long Rank, string EntryId, int Points, long Position)> people)
    {
        var list = new StringBuilder();
        foreach (var (rank, entryId, points, position) in people)
        {
            list.Append(CultureInfo.InvariantCulture, $"{rank} {entryId} {points} {position}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list.ToString())));
    }

    private sealed record Picked(long Id, string PublicId, int Points, long Position, long Rank)
    {
        public static Picked Read(System.Data.Common.DbDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3), row.GetInt64(4));
    }
}
