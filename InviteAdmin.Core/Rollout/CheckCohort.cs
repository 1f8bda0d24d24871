using System.Globalization;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>A cohort's order made again from the ledger.</summary>
/// <param name="Points">People whose points differ from what the ledger held at the release.</param>
/// <param name="Order">People who stand before somebody they should have followed.</param>
/// <param name="SameList">Whether the list still has the hash it was released with.</param>
public sealed record CohortCheckReport(int Number, int People, int Points, int Order, bool SameList)
{
    public bool Holds => Points == 0 && Order == 0 && SameList;

    public string Sentence => Holds
        ? string.Create(CultureInfo.InvariantCulture, $"Checked: the points and ranks of all {People:N0} follow from the ledger as it was at the release, and the list is the one that was released.")
        : string.Create(CultureInfo.InvariantCulture, $"Not as released: {Points:N0} of {People:N0} have other points in the ledger, {Order:N0} stand out of order, and the list {(SameList ? "is the one" : "is not the one")} that was released.");
}

/// <summary>Recomputes whom a release took, and in which order, from the ledger's rows up to that moment, and compares.</summary>
public sealed class CheckCohort(NpgsqlDataSource source)
{
    /// <summary>Ledger rows <c>l</c> that counted when cohort <c>c</c> took person <c>p</c>. Cohorts of before that was kept go by time.</summary>
    internal const string AtRelease = "(l.id <= p.ledger_id OR p.ledger_id IS NULL AND l.created_at <= c.created_at)";

    /// <summary>Null when there is no such cohort.</summary>
    public async Task<CohortCheckReport?> One(string cohortId, CancellationToken cancel)
    {
        LongWork.Begin();
        await using var connection = await source.OpenConnectionAsync(cancel);
        var found = await connection.Query("SELECT number, snapshot FROM cohorts WHERE public_id = $1", row => (Number: row.GetInt32(0), Snapshot: row.GetString(1)), cancel, cohortId);
        if (found is not [var cohort])
        {
            return null;
        }

        var people = await connection.Query(
            $"""
            SELECT p.rank::bigint, e.public_id, coalesce(w.points, 0)::int, e.position, p.points FROM cohorts c JOIN cohort_entries p ON p.cohort_id = c.id JOIN waitlist_entries e ON e.id = p.entry_id
            CROSS JOIN LATERAL (SELECT sum(l.points) AS points FROM points_ledger l WHERE l.entry_id = p.entry_id AND {AtRelease}) w
            WHERE c.public_id = $1 ORDER BY p.rank
            """,
            row => (Rank: row.GetInt64(0), Entry: row.GetString(1), Points: row.GetInt32(2), Position: row.GetInt64(3), Kept: row.GetInt32(4)), cancel, cohortId);
        var order = people.Zip(people.Skip(1)).Count(x => (-x.First.Points, x.First.Position).CompareTo((-x.Second.Points, x.Second.Position)) > 0);
        return new(cohort.Number, people.Count, people.Count(p => p.Points != p.Kept), order, ReleaseCohort.Snapshot(people.Select(p => (p.Rank, p.Entry, p.Points, p.Position))) == cohort.Snapshot);
    }
}
