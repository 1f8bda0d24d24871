using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Referrals;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>Another source has this name.</summary>
public sealed record SourceTaken() : Failure("source-taken", "Another source has this name already.");

/// <summary>People came from the source, so it cannot be forgotten.</summary>
public sealed record SourceUsed() : Failure("source-used", "People came from this source, so it stays. Retire it instead: its link gives no points any more.");

/// <summary>
/// Adds, edits, retires and removes the places people come from. Points count for those who join or confirm from then on, what was
/// credited stays; a retired source still tells where people came from, and gives nothing.
/// </summary>
public sealed class ChangeSource(Transactions transactions)
{
    public const int MostPoints = 10_000;

    /// <summary>The new source's id. Its slug is made here, because nobody may guess it.</summary>
    public async Task<Outcome<long>> Add(Actor actor, string? name, int points, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        if (Check(ref name, points) is { } invalid)
        {
            return invalid;
        }

        return await Unique<long>(() => transactions.Run<long>(async connection =>
        {
            var id = await connection.Scalar<long>("INSERT INTO sources (slug, name, points) VALUES ($1, $2, $3) RETURNING id", cancel, Tokens.Random(26).ToLowerInvariant(), name, points);
            await connection.Audit(actor, "source.added", "source", Id(id), cancel, after: new { Name = name, Points = points });
            return (Outcome<long>)id;
        }, cancel));
    }

    /// <param name="version">That of the row the form was filled with.</param>
    public async Task<Outcome<bool>> Edit(Actor actor, long id, string? name, int points, uint version, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        if (Check(ref name, points) is { } invalid)
        {
            return invalid;
        }

        return await Unique<bool>(() => transactions.Run<bool>(async connection =>
        {
            // A count goes by what all sources give when it is asked for, and begins after whoever holds this.
            await connection.Execute("SELECT 1 FROM settings WHERE section = 'points' FOR SHARE", cancel);
            if (await Lock(connection, id, cancel) is not { } before)
            {
                return new NotFound("source");
            }

            if (before.Version != version)
            {
                return new StaleEdit();
            }

            if (before.Name == name && before.Points == points)
            {
                return true;
            }

            if (before.Points != points && await connection.Scalar<bool>("SELECT counting IS NOT NULL FROM rollout_plans WHERE is_current", cancel))
            {
                return new PointsBeingCounted();
            }

            await connection.Execute("UPDATE sources SET name = $2, points = $3 WHERE id = $1", cancel, id, name, points);
            await connection.Audit(actor, "source.edited", "source", Id(id), cancel, before: new { before.Name, before.Points }, after: new { Name = name, Points = points });
            return true;
        }, cancel));
    }

    /// <summary>Ends its points, or gives them back. False when it was so already.</summary>
    public async Task<Outcome<bool>> Retire(Actor actor, long id, bool retired, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<bool>(async connection =>
        {
            if (await Lock(connection, id, cancel) is not { } before)
            {
                return new NotFound("source");
            }

            if (before.Retired == retired)
            {
                return false;
            }

            await connection.Execute("UPDATE sources SET retired_at = CASE WHEN $2 THEN now() END WHERE id = $1", cancel, id, retired);
            await connection.Audit(actor, retired ? "source.retired" : "source.restored", "source", Id(id), cancel, before: new { before.Retired }, after: new { Retired = retired });
            return true;
        }, cancel);
    }

    /// <summary>Only a source that nobody came from; the database decides, also against somebody who joins at this moment.</summary>
    public async Task<Outcome<bool>> Remove(Actor actor, long id, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Administer) is { } refused)
        {
            return refused;
        }

        try
        {
            return await transactions.Run<bool>(async connection =>
            {
                if (await Lock(connection, id, cancel) is not { } before)
                {
                    return new NotFound("source");
                }

                await connection.Execute("DELETE FROM sources WHERE id = $1", cancel, id);
                await connection.Audit(actor, "source.removed", "source", Id(id), cancel, before: new { before.Name, before.Points });
                return true;
            }, cancel);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.RestrictViolation)
        {
            return new SourceUsed();
        }
    }

    private static Invalid? Check(ref string? name, int points)
    {
        var checks = new FieldChecks();
        name = checks.Text("name", name, 100, required: true);
        checks.Within("points", points, 0, MostPoints);
        return checks.Failure;
    }

    private static async Task<Outcome<T>> Unique<T>(Func<Task<Outcome<T>>> work)
    {
        try
        {
            return await work();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return new SourceTaken();
        }
    }

    private static async Task<Locked?> Lock(NpgsqlConnection connection, long id, CancellationToken cancel) => (await connection.Query(
        "SELECT name, points, retired_at IS NOT NULL, xmin FROM sources WHERE id = $1 FOR UPDATE",
        row => new Locked(row.GetString(0), row.GetInt32(1), row.GetBoolean(2), row.GetFieldValue<uint>(3)), cancel, id)).FirstOrDefault();

    private static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);

    private sealed record Locked(string Name, int Points, bool Retired, uint Version);
}
