using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>Points order the waitlist, and this person is not on it any more.</summary>
public sealed record PointsDecideNothing(string State) : Failure("points-decide-nothing", $"This person has {State}. Points only order the waitlist, so none were changed.");

/// <summary>Nobody has fewer than no points.</summary>
public sealed record TooFewPoints(int Points) : Failure("too-few-points", $"They have {Points:N0} points; no more than these can be taken. Nothing was changed.");

/// <summary>The row cannot be taken back: it is not one of staff, or it was taken back before.</summary>
public sealed record PointsTakenBack() : Failure("points-taken-back", "These points were taken back already, or were not given by staff. Nothing was changed.");

/// <summary>Points as they are after a change. <c>LedgerId</c> names the row to <see cref="ChangePoints.TakeBack"/>.</summary>
public sealed record ChangedPoints(long LedgerId, int Before, int After);

/// <summary>Gives points to an entry or takes some, with a reason: a row of its ledger, which another row can take back.</summary>
public sealed class ChangePoints(Transactions transactions)
{
    /// <summary>Most points of one change.</summary>
    public const int Most = 10_000;

    /// <param name="points">Above zero to give, below to take.</param>
    /// <param name="requestKey">Made when the form was shown; the same key again changes nothing more.</param>
    public async Task<Outcome<ChangedPoints>> One(Actor actor, string entryId, int points, string? reason, string requestKey, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        checks.Within("points", points, -Most, Most);
        if (points == 0)
        {
            checks.Refuse("points", "Points is a number above or below zero.");
        }

        reason = checks.Text("reason", reason, 500, required: true);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<ChangedPoints>(async connection =>
        {
            if (await Lock(connection, entryId, cancel) is not { } entry)
            {
                return new NotFound("entry");
            }

            var cause = $"staff:{requestKey}";
            if (await connection.Query("SELECT id, points FROM points_ledger WHERE entry_id = $1 AND kind = 'staff' AND cause = $2", row => new ChangedPoints(row.GetInt64(0), entry.Points - row.GetInt32(1), entry.Points), cancel, entry.Id, cause) is [var before])
            {
                return before;
            }

            if (Refusal(entry, points) is { } no)
            {
                return no;
            }

            var ledgerId = await connection.Scalar<long>("INSERT INTO points_ledger (entry_id, kind, cause, points, note) VALUES ($1, 'staff', $2, $3, $4) RETURNING id", cancel, entry.Id, cause, points, reason);
            return await Add(connection, actor, "points.changed", entryId, entry, ledgerId, points, reason, cancel);
        }, cancel);
    }

    /// <summary>Takes back what staff gave or took, by a row that mirrors it.</summary>
    public async Task<Outcome<ChangedPoints>> TakeBack(Actor actor, string entryId, long ledgerId, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<ChangedPoints>(async connection =>
        {
            if (await Lock(connection, entryId, cancel) is not { } entry)
            {
                return new NotFound("entry");
            }

            // The entry's row is locked, so that nobody takes the same row back in between.
            var row = await connection.Query(
                "SELECT l.points FROM points_ledger l WHERE l.id = $1 AND l.entry_id = $2 AND l.kind = 'staff' AND NOT EXISTS (SELECT 1 FROM points_ledger v WHERE v.reverses_id = l.id)",
                r => r.GetInt32(0), cancel, ledgerId, entry.Id);
            if (row.Count == 0)
            {
                return new PointsTakenBack();
            }

            if (Refusal(entry, -row[0]) is { } no)
            {
                return no;
            }

            var mirror = await connection.Scalar<long>(
                "INSERT INTO points_ledger (entry_id, kind, cause, points, reverses_id, note) VALUES ($1, 'reversal', $2, $3, $4, $5) RETURNING id", cancel,
                entry.Id, string.Create(CultureInfo.InvariantCulture, $"ledger:{ledgerId}"), -row[0], ledgerId, reason);
            return await Add(connection, actor, "points.reversed", entryId, entry, mirror, -row[0], reason, cancel);
        }, cancel);
    }

    private static Failure? Refusal(Entry entry, int points) => entry.Status switch
    {
        "registered" => new PointsDecideNothing("registered"),
        "declined" => new PointsDecideNothing("left the waitlist"),
        _ => entry.Points + points < 0 && points < 0 ? new TooFewPoints(entry.Points) : null,
    };

    private static async Task<Entry?> Lock(NpgsqlConnection connection, string entryId, CancellationToken cancel) => (await connection.Query(
        "SELECT id, status, points FROM waitlist_entries WHERE public_id = $1 FOR NO KEY UPDATE", row => new Entry(row.GetInt64(0), row.GetString(1), row.GetInt32(2)), cancel, entryId)).FirstOrDefault();

    private static async Task<ChangedPoints> Add(NpgsqlConnection connection, Actor actor, string action, string entryId, Entry entry, long ledgerId, int points, string? reason, CancellationToken cancel)
    {
        var after = entry.Points + points;
        await connection.Execute("UPDATE waitlist_entries SET points = $2 WHERE id = $1", cancel, entry.Id, after);
        await connection.Audit(actor, action, "entry", entryId, cancel, before: new { entry.Points }, after: new { Points = after }, reason: reason);
        return new ChangedPoints(ledgerId, entry.Points, after);
    }

    private sealed record Entry(long Id, string Status, int Points);
}
