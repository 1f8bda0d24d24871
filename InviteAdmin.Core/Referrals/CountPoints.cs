using System.Globalization;
using System.Text.Json;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Rollout;
using Npgsql;

namespace InviteAdmin.Referrals;

/// <summary>Points are being counted again, and until that is done nobody's place is what it will be.</summary>
public sealed record PointsBeingCounted() : Failure("points-being-counted", "Points are being counted again, so that nobody's place is sure yet. Nothing was changed; try again when that is done.");

/// <summary>By which rules to count. <c>Number</c> is that of the change, and stands in the cause of each row.</summary>
public sealed record CountRequest(int Number, int ArrivedPoints, int BroughtPoints);

/// <summary>What counting did. <c>After</c> is the last entry looked at, for whoever goes on.</summary>
public sealed record CountReport(string After, long Looked, long Changed);

/// <summary>
/// Counts everybody's points again by the rules of a change, as durable work: some thousand entries a commit, each with its progress, so that whoever takes over a dead process's
/// work goes on behind the last of them. An entry gets one row of kind rules for what its credits are worth more or less than they were counted as, and none where that is nothing;
/// so nothing is counted twice, however often a page is. People who have registered or left keep theirs, which decide nothing any more.
/// <para>Nobody is missed: a statement that credits reads the rules in its own snapshot (<see cref="PointRules.InForce"/>), and those that began before the change have ended
/// before the first page is read. Whoever joins meanwhile is credited by the new rules, which leaves nothing to count again.</para>
/// </summary>
public sealed class CountPoints(Transactions transactions, ForecastQueries forecasts, NpgsqlDataSource source)
{
    public const string Kind = "points";

    /// <summary>Entries looked at in one commit. Only those whose points change are locked.</summary>
    internal const int Piece = 5_000;

    internal async Task Run(RunningOperation operation, CancellationToken cancel)
    {
        var request = JsonSerializer.Deserialize<CountRequest>(operation.Request, JsonSerializerOptions.Web)!;
        await WaitForOlderCredits(cancel);
        try
        {
            for (var over = false; !over;)
            {
                over = await transactions.Run(connection => Page(connection, operation.Id, request, cancel), cancel);
            }

            await transactions.Run(connection => End(connection, operation, cancel), cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.NumericValueOutOfRange)
        {
            throw new WorkRefused("By these rules somebody would have more points than can be counted. Choose fewer and count again.");
        }

        forecasts.Forget();
    }

    private static async Task<bool> Page(NpgsqlConnection connection, long id, CountRequest request, CancellationToken cancel)
    {
        var (report, total) = await SoFar(connection, id, cancel);
        var after = long.Parse(report.After, CultureInfo.InvariantCulture);
        var (last, looked) = (await connection.Query(
            string.Create(CultureInfo.InvariantCulture, $"SELECT coalesce(max(id), 0), count(*) FROM (SELECT id FROM waitlist_entries WHERE id > $1 ORDER BY id LIMIT {Piece}) e"),
            row => (row.GetInt64(0), row.GetInt64(1)), cancel, after))[0];
        if (looked == 0)
        {
            return true;
        }

        // Looked at, then locked, then counted by what their ledger holds now that nobody can add to it.
        var ids = await connection.Query(Those, row => row.GetInt64(0), cancel, request.ArrivedPoints, request.BroughtPoints, after, last);
        var changed = ids.Count == 0 ? 0 : await connection.Execute(Count, cancel, request.ArrivedPoints, request.BroughtPoints, ids.ToArray(), string.Create(CultureInfo.InvariantCulture, $"rules:{request.Number}"));
        var next = new CountReport(last.ToString(CultureInfo.InvariantCulture), report.Looked + looked, report.Changed + changed);
        if (!await Operations.Progress(connection, id, Math.Min(next.Looked, total), total, cancel))
        {
            throw new WorkTakenOver();
        }

        await connection.Execute("UPDATE operations SET report = $2::jsonb WHERE id = $1", cancel, id, JsonSerializer.Serialize(next, JsonSerializerOptions.Web));
        return looked < Piece;
    }

    // The plan's row says that people may be invited again in the commit that says the work is done.
    private static async Task<bool> End(NpgsqlConnection connection, RunningOperation operation, CancellationToken cancel)
    {
        await PlanLock.Take(connection, cancel);
        var (report, _) = await SoFar(connection, operation.Id, cancel);
        if (!await Operations.Progress(connection, operation.Id, report.Looked, report.Looked, cancel))
        {
            throw new WorkTakenOver();
        }

        await connection.Execute("UPDATE rollout_plans SET counting = NULL WHERE counting = $1", cancel, operation.PublicId);
        await Operations.Finish(connection, operation.Id, JsonSerializer.Serialize(report, JsonSerializerOptions.Web), cancel);
        return true;
    }

    private static async Task<(CountReport Report, long Total)> SoFar(NpgsqlConnection connection, long id, CancellationToken cancel)
    {
        var (json, total) = (await connection.Query("SELECT report::text, total FROM operations WHERE id = $1", row => (row.Text(0), row.GetInt64(1)), cancel, id))[0];
        return json is not null
            ? (JsonSerializer.Deserialize<CountReport>(json, JsonSerializerOptions.Web)!, total)
            : (new("0", 0, 0), await connection.Scalar<long>("SELECT count(*) FROM waitlist_entries", cancel));
    }

    // A statement that credits holds this lock from before its snapshot to its commit; whoever takes it from now on reads the new rules.
    private async Task WaitForOlderCredits(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var older = await Crediting();
        while (older.Count > 0)
        {
            await Task.Delay(50, cancel);
            older.IntersectWith(await Crediting());
        }

        async Task<HashSet<string>> Crediting() => [.. await connection.Query(
            """
            SELECT virtualtransaction FROM pg_locks
            WHERE relation = 'points_ledger'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
            """,
            row => row.GetString(0), cancel)];
    }

    private static readonly string Those =
        $"""
        SELECT e.id FROM waitlist_entries e
        JOIN ({CreditSql.Changes("$1::integer", "$2::integer", null, "l.entry_id > $3 AND l.entry_id <= $4")}) c ON c.entry_id = e.id
        WHERE e.status NOT IN ('registered', 'declined') ORDER BY e.id FOR NO KEY UPDATE OF e
        """;

    private static readonly string Count =
        $"""
        WITH counted AS MATERIALIZED (
          {CreditSql.Changes("$1::integer", "$2::integer", null, "l.entry_id = ANY($3)")}
        ), ledger AS (
          INSERT INTO points_ledger (entry_id, kind, cause, points) SELECT entry_id, 'rules', $4, change::integer FROM counted ORDER BY entry_id
        )
        UPDATE waitlist_entries e SET points = e.points + c.change::integer FROM counted c WHERE e.id = c.entry_id
        """;
}
