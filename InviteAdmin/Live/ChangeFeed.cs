using InviteAdmin.Redis;
using Npgsql;
using StackExchange.Redis;

namespace InviteAdmin.Live;

/// <summary>
/// Tells open dashboards that something changed, whichever process changed it. A message by Redis is heard at once; a look at the
/// database's own sequences every two seconds hears what no message announced, and works alone when Redis is away.
/// </summary>
public sealed class ChangeFeed(NpgsqlDataSource database, RedisServer redis, TimeProvider time, ILogger<ChangeFeed> log) : BackgroundService
{
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private const string Channel = "inviteadmin:changed";

    // Each insert moves a sequence, and rank_changes notes every change of the queue: their sum moves whenever a list or number does.
    private const string Mark =
        """
        SELECT (SELECT last_value FROM rank_changes_id_seq) + (SELECT last_value FROM waitlist_entries_id_seq) + (SELECT last_value FROM redemptions_id_seq)
             + (SELECT last_value FROM outbox_id_seq) + (SELECT last_value FROM outbox_attempts_id_seq) + (SELECT last_value FROM audit_log_id_seq)
             + (SELECT last_value FROM rollout_decisions_id_seq)
        """;

    // Counts of a large list are shared for seconds: once it is quiet, pages look again and show the last word.
    private const int LooksUntilQuiet = 3;

    private long _mark = -1;
    private int _untilQuiet;
    private long _heardAt = time.GetTimestamp();
    private volatile bool _failed;
    private ISubscriber? _subscriber;

    /// <summary>Raised on any thread; listeners pass it to their own.</summary>
    public event Action? Changed;

    /// <summary>The database just failed to answer, or gave no sign of life for 15 s: what stands on the screen may be old.</summary>
    public bool IsStale => _failed || time.GetElapsedTime(Interlocked.Read(ref _heardAt)) > StaleAfter;

    /// <summary>Says here and to the other processes that a use case changed something.</summary>
    public void Announce()
    {
        Changed?.Invoke();
        try
        {
            _subscriber?.Publish(Channel, "", CommandFlags.FireAndForget);
        }
        catch (RedisException fault)
        {
            log.LogDebug(fault, "Redis is away; the others hear of the change from the database.");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await Subscribe(stoppingToken);
            if (Changed is not null)
            {
                await Look(stoppingToken);
            }
            else
            {
                Interlocked.Exchange(ref _heardAt, time.GetTimestamp());
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task Look(CancellationToken cancel)
    {
        try
        {
            await using var command = database.CreateCommand(Mark);
            command.CommandTimeout = 5;
            var mark = (long)(await command.ExecuteScalarAsync(cancel))!;
            Interlocked.Exchange(ref _heardAt, time.GetTimestamp());
            _failed = false;
            if (Interlocked.Exchange(ref _mark, mark) != mark)
            {
                _untilQuiet = LooksUntilQuiet;
                Changed?.Invoke();
            }
            else if (_untilQuiet > 0 && --_untilQuiet == 0)
            {
                Changed?.Invoke();
            }
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            _failed = true;
            log.LogDebug(fault, "The database does not answer; dashboards will say that they are stale.");
        }
    }

    private async Task Subscribe(CancellationToken cancel)
    {
        try
        {
            if (_subscriber is null && await redis.Connected(cancel) is { } connection)
            {
                // Once subscribed, the client subscribes again by itself after every reconnect.
                var subscriber = connection.GetSubscriber();
                await subscriber.SubscribeAsync(Channel, (_, _) => Changed?.Invoke());
                _subscriber = subscriber;
            }
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            log.LogDebug(fault, "Redis is away; tried again in two seconds.");
        }
    }
}
