using System.ComponentModel.DataAnnotations;
using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>A number from the company's monitoring. Without <c>At</c> it is of now.</summary>
public sealed record SignalRequest([property: Required] string? Name, [property: Required] double? Value, DateTimeOffset? At = null);

/// <summary>More values came within a minute than a gate could use.</summary>
public sealed record TooManySignals() : Failure("rate-limited", string.Create(CultureInfo.InvariantCulture, $"At most {PostSignal.MostAMinute:N0} values of a signal are taken a minute, and {PostSignal.MostOfAll:N0} of all signals."))
{
    public const int RetrySeconds = 60;
}

/// <summary>Keeps a signal for the gates to read. Values that no gate could use are refused, so that a broken monitor is noticed where it posts.</summary>
public sealed class PostSignal(Transactions transactions, PlanClock clock)
{
    /// <summary>Older values say nothing of a launch.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(7);

    /// <summary>How long signals are kept.</summary>
    public const int KeptDays = 30;

    /// <summary>Most values of one name in a minute.</summary>
    public const int MostAMinute = 600;

    /// <summary>Most values of all names in a minute.</summary>
    public const int MostOfAll = 6_000;

    private const double Largest = 1e15;
    private const long CountLock = 0x5349474E;

    public async Task<Outcome<bool>> One(Actor actor, SignalRequest request, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<bool>(async connection =>
        {
            var now = await clock.Now(connection, cancel);
            var checks = new FieldChecks();
            if (request.Name is null || !PlanCheck.SignalName().IsMatch(request.Name))
            {
                checks.Refuse("name", PlanCheck.NameSentence);
            }

            if (request.Value is not { } value || !double.IsFinite(value) || Math.Abs(value) > Largest)
            {
                checks.Refuse("value", "Value is a number between −10^15 and 10^15.");
            }

            var at = request.At ?? now;
            checks.Moment("at", at, now, Oldest);
            if (checks.Failure is { } invalid)
            {
                return invalid;
            }

            // A flood is refused without a lock; who passes is counted again, one at a time for all processes.
            if (await IsTooMuch(connection, request.Name!, cancel))
            {
                return new TooManySignals();
            }

            await connection.Execute("SELECT pg_advisory_xact_lock($1)", cancel, CountLock);
            return await IsTooMuch(connection, request.Name!, cancel)
                ? new TooManySignals()
                : await connection.Execute("INSERT INTO signals (name, value, at, received_at) VALUES ($1, $2, $3, clock_timestamp())", cancel, request.Name, request.Value, at.ToUniversalTime()) == 1;
        }, cancel);
    }

    /// <summary>Deletes those that no gate reads any more.</summary>
    public Task<int> Sweep(CancellationToken cancel) =>
        transactions.Run(connection => connection.Execute("DELETE FROM signals WHERE received_at < now() - $1 * interval '1 day'", cancel, KeptDays), cancel);

    private static async Task<bool> IsTooMuch(NpgsqlConnection connection, string name, CancellationToken cancel)
    {
        var (ofName, ofAll) = (await connection.Query(
            "SELECT count(*) FILTER (WHERE name = $1), count(*) FROM (SELECT name FROM signals WHERE received_at > clock_timestamp() - interval '1 minute' LIMIT $2) last",
            row => (row.GetInt64(0), row.GetInt64(1)), cancel, name, MostOfAll))[0];
        return ofName >= MostAMinute || ofAll >= MostOfAll;
    }
}
