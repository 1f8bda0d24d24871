using InviteAdmin.Invites;
using InviteAdmin.Referrals;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>
/// The forecast of the plan in force. It is made once for all who ask and kept for a minute, so that a rank's estimate costs a look along it; a change of the plan is
/// seen after that minute, or at once in the process that calls <see cref="Forget"/>.
/// </summary>
public sealed class ForecastQueries(NpgsqlDataSource source, PlanClock clock, LifetimeRules lifetimes, PointRules points, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(60);
    private readonly Lock _lock = new();
    private Task<Forecast>? _made;
    private Task<Forecast>? _next;
    private long _at;

    public Task<Forecast> Current(CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_next is { IsCompleted: true })
            {
                (_made, _next) = (_next.IsCompletedSuccessfully ? _next : _made, null);
            }

            if (_made is null || _made.IsFaulted)
            {
                (_made, _at) = (Make(), time.GetTimestamp());
            }
            else if (_next is null && time.GetElapsedTime(_at) >= Kept)
            {
                // Whoever asks meanwhile gets the one before.
                (_next, _at) = (Make(), time.GetTimestamp());
            }

            return _made.WaitAsync(cancel);
        }
    }

    /// <summary>When whoever stands at this rank now will be invited; null when it cannot be said.</summary>
    public async Task<DayRange?> ForRank(long rank, CancellationToken cancel) => (await Current(cancel)).ForRank(rank);

    /// <summary>After a change of the plan in this process: the next who asks gets a new one.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            (_made, _next) = (null, null);
        }
    }

    // Not for one caller, so that one who goes away takes it from nobody.
    private Task<Forecast> Make() => Task.Run(async () => ForecastModel.Of(await Facts(CancellationToken.None)), CancellationToken.None);

    /// <summary>What the forecast rests on, read now.</summary>
    public async Task<ForecastFacts> Facts(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var plan = await PlanState.Read(connection, locks: false, cancel);
        var now = await clock.Now(connection, cancel);
        var local = TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(plan.Zone));
        var today = DateOnly.FromDateTime(local.DateTime);
        var life = (await lifetimes.Now(connection, cancel)).InvitationDays;
        var queue = await ForecastSql.Queue(connection, cancel);
        var (onHold, members) = await ForecastSql.Counts(connection, cancel);
        var (joins, others) = await ForecastSql.History(connection, today, plan.Zone, cancel);
        return new()
        {
            Today = today,
            Now = TimeOnly.FromDateTime(local.DateTime),
            SendAt = plan.SendAt,
            SentToday = await ForecastSql.SentToday(connection, plan.Id, today, cancel),
            Days = plan.Days,
            State = plan.State,
            WaitsFor = plan.WaitsFor,
            HeldReason = plan.HeldReason,
            PausedBy = plan.PausedBy,
            Stages = plan.Stages,
            Stage = plan.Stage,
            Batches = await ForecastSql.Batches(connection, plan.Id, plan.StageFrom, cancel),
            Waiting = Math.Max(0, queue.Sum(l => l.People) - onHold),
            OnHold = onHold,
            Capacity = plan.Capacity,
            Members = members,
            Open = await ForecastSql.Open(connection, plan.Zone, cancel),
            LifetimeDays = life,
            Joins = joins,
            OtherMembers = others,
            Conversion = await ForecastSql.Conversion(connection, life, cancel),
            Overtaking = Overtaking.Of(queue, await ForecastSql.Newcomers(connection, now, cancel), (await points.Now(connection, cancel)).BroughtPoints),
        };
    }
}
