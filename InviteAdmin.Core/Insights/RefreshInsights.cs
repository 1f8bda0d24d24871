using System.Diagnostics;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Insights;

/// <summary>What was counted again.</summary>
/// <param name="Skipped">Why nothing was counted; null when it was.</param>
public sealed record InsightReport(long Changes, bool Whole, string? Skipped = null);

/// <summary>
/// Counts again what changed since the last time: the quarter hours, cohorts and referrers that the table of changes names, from the rows themselves, in one
/// commit. Whoever asks while another counts goes away at once. <see cref="RunWhenRested"/> takes at most a tenth of the time, so that counting a crowd does not
/// slow the crowd down.
/// </summary>
public sealed class RefreshInsights(Transactions transactions)
{
    private const long Lock = 0x494E5349;

    public Task<Outcome<InsightReport>> Run(Actor actor, CancellationToken cancel) => Run(actor, rest: 0, cancel);

    /// <summary>As <see cref="Run(Actor, CancellationToken)"/>, but not before nine times as long has passed as the last count took.</summary>
    public Task<Outcome<InsightReport>> RunWhenRested(Actor actor, CancellationToken cancel) => Run(actor, rest: 9, cancel);

    private async Task<Outcome<InsightReport>> Run(Actor actor, int rest, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Operate) is { } refused)
        {
            return refused;
        }

        LongWork.Begin();
        return await transactions.Run<InsightReport>(async connection =>
            !await connection.Scalar<bool>("SELECT pg_try_advisory_xact_lock($1)", cancel, Lock) ? new InsightReport(0, false, "another process was counting")
            : await connection.Scalar<bool>("SELECT $1 > 0 AND coalesce(counted_at + milliseconds * (1 + $1) * interval '1 millisecond' > now(), false) FROM insight_state", cancel, rest) ? new InsightReport(0, false, "rests after a long count")
            : await Count(connection, cancel), cancel);
    }

    private static async Task<InsightReport> Count(NpgsqlConnection connection, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        await connection.Execute(InsightSql.Take, cancel);
        var (changes, whole) = (await connection.Query(
            "SELECT count(*), coalesce(bool_or(kind = 'whole'), false) FROM touched", row => (row.GetInt64(0), row.GetBoolean(1)), cancel))[0];
        if (whole)
        {
            await connection.Execute(InsightSql.ForgetAll + InsightSql.CountAll + InsightSql.RiseAll, cancel);
        }
        else if (changes > 0)
        {
            await connection.Execute(InsightSql.Resolve, cancel);
            await connection.Execute(InsightSql.Forget + InsightSql.Count + InsightSql.Rise, cancel);
        }

        var highest = changes == 0 ? -1 : await connection.Scalar<int>("SELECT coalesce(max(height), -1) FROM rising", cancel);
        for (var height = 0; height <= highest; height++)
        {
            await connection.Execute(InsightSql.CountReferrers, cancel, height);
        }

        // The transaction's own time: everything that was committed before it began has been counted.
        await connection.Execute("UPDATE insight_state SET counted_at = now(), milliseconds = $1", cancel, (int)clock.ElapsedMilliseconds);
        return new InsightReport(changes, whole);
    }
}
