using System.Diagnostics;
using System.Diagnostics.Metrics;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>
/// The depth and age of what waits to leave the product, for a collector. Every collection asks the database once, whatever the number
/// of gauges; a database that is away is no measurement and no exception. All processes see the same queue.
/// </summary>
public sealed class QueueGauges : IDisposable
{
    private const int MostCounted = 100_000;

    // The gauges of one collection are read within a moment of each other.
    private static readonly TimeSpan OneCollection = TimeSpan.FromMilliseconds(250);
    private readonly NpgsqlDataSource _source;
    private readonly Meter _meter = new(Telemetry.Name, Heartbeat.Version);
    private readonly Lock _lock = new();
    private IReadOnlyList<Queue> _last = [];
    private long _readAt;

    public QueueGauges(NpgsqlDataSource source)
    {
        _source = source;
        _meter.CreateObservableUpDownCounter<long>("inviteadmin.queue.depth", () => Read().Select(q => new Measurement<long>(q.Depth, Of(q))), "{item}", $"Items that wait to leave, counted up to {MostCounted:N0}.");
        _meter.CreateObservableGauge<double>("inviteadmin.queue.age", () => Read().Select(q => new Measurement<double>(q.Age, Of(q))), "s", "How long the oldest due item has waited.");
    }

    /// <summary>How often the database was asked.</summary>
    internal int Reads { get; private set; }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?>[] Of(Queue queue) => [new("inviteadmin.queue", queue.Name), new("inviteadmin.queue.state", queue.State)];

    private IReadOnlyList<Queue> Read()
    {
        lock (_lock)
        {
            if (_readAt != 0 && Stopwatch.GetElapsedTime(_readAt) < OneCollection)
            {
                return _last;
            }

            try
            {
                _last = Ask();
            }
            catch (Exception away) when (Absence.MayPass(away))
            {
                _last = [];
            }

            _readAt = Stopwatch.GetTimestamp();
            return _last;
        }
    }

    // A collector reads on a thread of its own, which has nothing else to do.
    private List<Queue> Ask()
    {
        Reads++;
        using var command = _source.CreateCommand(Sql);
        using var reader = command.ExecuteReader();
        var queues = new List<Queue>();
        while (reader.Read())
        {
            queues.Add(new(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetDouble(3)));
        }

        return queues;
    }

    private static readonly string Sql =
        $"""
        SELECT 'outbox', 'due', (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'pending' AND due_at <= now() LIMIT {MostCounted}) x),
          greatest(coalesce((SELECT extract(epoch FROM now() - min(due_at))::float8 FROM outbox WHERE state = 'pending' AND due_at <= now()), 0), 0)
        UNION ALL SELECT 'outbox', 'later', (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'pending' AND due_at > now() LIMIT {MostCounted}) x), 0
        UNION ALL SELECT 'outbox', 'dead', (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'dead' LIMIT {MostCounted}) x), 0
        UNION ALL SELECT 'webhooks', 'due', (SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries WHERE state = 'pending' AND due_at <= now() LIMIT {MostCounted}) x),
          greatest(coalesce((SELECT extract(epoch FROM now() - min(due_at))::float8 FROM webhook_deliveries WHERE state = 'pending' AND due_at <= now()), 0), 0)
        UNION ALL SELECT 'work', 'due', (SELECT count(*) FROM operations WHERE state IN ('queued', 'running')),
          greatest(coalesce((SELECT extract(epoch FROM now() - min(created_at))::float8 FROM operations WHERE state IN ('queued', 'running')), 0), 0)
        """;

    private sealed record Queue(string Name, string State, long Depth, double Age);
}
