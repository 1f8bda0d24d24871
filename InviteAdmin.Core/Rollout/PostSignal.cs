using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.Rollout;

/// <summary>A number from the company's monitoring. Without <c>At</c> it is of now.</summary>
public sealed record SignalRequest(string? Name, double? Value, DateTimeOffset? At = null);

/// <summary>Keeps a signal for the gates to read. Values that no gate could use are refused, so that a broken monitor is noticed where it posts.</summary>
public sealed class PostSignal(Transactions transactions, PlanClock clock)
{
    /// <summary>Older values say nothing of a launch; a clock may be this far ahead.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(7);
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>How long signals are kept.</summary>
    public const int KeptDays = 30;

    private const double Largest = 1e15;

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
            if (at > now + Ahead)
            {
                checks.Refuse("at", "At lies in the future.");
            }
            else if (at < now - Oldest)
            {
                checks.Refuse("at", "At lies more than 7 days back.");
            }

            if (checks.Failure is { } invalid)
            {
                return invalid;
            }

            await connection.Execute("INSERT INTO signals (name, value, at) VALUES ($1, $2, $3)", cancel, request.Name, request.Value, at.ToUniversalTime());
            return true;
        }, cancel);
    }
}
