using System.Data.Common;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Webhooks;

/// <summary>The tries of a time: how many, how many succeeded, and within how many milliseconds 95 of 100 ended; null when there was none.</summary>
public sealed record WebhookTries(long Tries, long Succeeded, int? Milliseconds95);

/// <summary>An endpoint as it stands. <c>Events</c> null means all. <c>Waiting</c> counts what is still to be delivered.</summary>
/// <param name="BothUntil">Until then everything is signed with the secret before as well.</param>
/// <param name="RestsUntil">It asked to be left alone until then.</param>
public sealed record WebhookFacts(
    string Id, string Url, IReadOnlyList<string>? Events, string? Note, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt, string? DisabledReason, DateTimeOffset? FailingSince,
    DateTimeOffset? RestsUntil, DateTimeOffset? BothUntil, long Waiting, long Dead, WebhookTries Day, WebhookTries Week)
{
    /// <summary>off, failing or active.</summary>
    public string State => DisabledAt is not null ? "off" : FailingSince is not null ? "failing" : "active";

    public string Host => new Uri(Url).Authority;
}

/// <summary>Which deliveries to list; everything null lists all.</summary>
public sealed record DeliveryFilter(string? State, string? Type, string? Subject);

/// <summary>A delivery in the list. <c>Subject</c> is whom or what the event is about: a person's, member's or cohort's id.</summary>
public sealed record DeliveryRow(long Id, string EventId, string Type, string Subject, string State, int Attempts, DateTimeOffset At, DateTimeOffset DueAt, DateTimeOffset? DeliveredAt, int? LastStatus, string? LastError, bool InTheAir);

/// <summary>A page of deliveries, newest first.</summary>
public sealed record DeliveryRows(IReadOnlyList<DeliveryRow> Rows, bool More);

/// <summary>One try as it was made and answered.</summary>
public sealed record DeliveryAttempt(DateTimeOffset At, DateTimeOffset SignedAt, bool Succeeded, int? Status, string? Error, int Milliseconds, string Url, string? Answer, string Process);

/// <summary>A delivery with what is sent and every try, the last first.</summary>
public sealed record DeliveryDetail(DeliveryRow Row, string Body, IReadOnlyList<DeliveryAttempt> Attempts);

/// <summary>Reads of endpoints and their deliveries.</summary>
public sealed class WebhookQueries(NpgsqlDataSource source)
{
    public static readonly IReadOnlyList<string> States = ["pending", "delivered", "dead"];

    private const string Columns =
        """
        w.public_id, w.url, w.events, w.note, w.created_by, w.created_at, w.disabled_at, w.disabled_reason, w.failing_since, CASE WHEN w.wait_until > now() THEN w.wait_until END,
        CASE WHEN w.old_secret_until > now() THEN w.old_secret_until END,
        (SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.state = 'pending'), (SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.state = 'dead')
        """;

    private const string RowColumns =
        """
        d.id, e.public_id, d.type, d.subject, d.state, d.attempts, e.at, d.due_at, d.delivered_at, a.status, a.error, d.lease_until IS NOT NULL, e.data::text
        FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id JOIN webhook_events e ON e.id = d.event_id
        LEFT JOIN LATERAL (SELECT t.status, t.error FROM webhook_attempts t WHERE t.delivery_id = d.id ORDER BY t.id DESC LIMIT 1) a ON true
        """;

    /// <summary>All endpoints, the first added first.</summary>
    public async Task<IReadOnlyList<WebhookFacts>> List(CancellationToken cancel) => await Endpoints("", cancel);

    public async Task<WebhookFacts?> Find(string webhookId, CancellationToken cancel) =>
        People.PlainText.IsClean(webhookId) ? (await Endpoints("AND w.public_id = $1", cancel, webhookId)).FirstOrDefault() : null;

    /// <summary>Newest first; <paramref name="before"/> is the last id of the page before.</summary>
    public async Task<DeliveryRows> Deliveries(string webhookId, DeliveryFilter filter, long? before, int size, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query(
            $"""
            SELECT {RowColumns}
            WHERE w.public_id = $1 AND w.removed_at IS NULL AND d.id < $2 AND ($3 = '' OR d.state = $3) AND ($4 = '' OR d.type = $4) AND ($5 = '' OR d.subject = $5 OR e.public_id = $5)
            ORDER BY d.id DESC LIMIT $6
            """,
            ReadRow, cancel, webhookId, before ?? long.MaxValue, filter.State ?? "", filter.Type ?? "", filter.Subject ?? "", size + 1);
        return new([.. rows.Take(size)], rows.Count > size);
    }

    public async Task<DeliveryDetail?> Delivery(string webhookId, long id, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query(
            $"SELECT {RowColumns} WHERE w.public_id = $1 AND w.removed_at IS NULL AND d.id = $2",
            row => (Row: ReadRow(row), Data: row.GetString(12)), cancel, webhookId, id);
        return rows is not [var (row, data)] ? null : new(row, WebhookDispatcher.Body(row.Type, row.At, data), await connection.Query(
            "SELECT at, signed_at, succeeded, status, error, milliseconds, url, answer, process FROM webhook_attempts WHERE delivery_id = $1 ORDER BY id DESC LIMIT 50",
            row => new DeliveryAttempt(
                row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1), row.GetBoolean(2), row.IsDBNull(3) ? null : row.GetInt32(3), row.Text(4), row.GetInt32(5), row.GetString(6), row.Text(7), row.GetString(8)),
            cancel, id));
    }

    /// <summary>How many endpoints a person should look at: switched off by failures, or failing for an hour.</summary>
    public async Task<int> Failing(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<int>(
            "SELECT count(*)::int FROM webhook_endpoints WHERE removed_at IS NULL AND (disabled_at IS NULL AND failing_since < now() - interval '1 hour' OR disabled_reason = ANY ($1))", cancel, [new[] { DisableFailing.Gone, DisableFailing.Long }]);
    }

    private async Task<IReadOnlyList<WebhookFacts>> Endpoints(string where, CancellationToken cancel, params object?[] values)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            $"""
            SELECT {Columns}, t.day, t.day_good, t.day_p95, t.week, t.week_good, t.week_p95
            FROM webhook_endpoints w CROSS JOIN LATERAL (
              SELECT count(*) FILTER (WHERE is_day) AS day, count(*) FILTER (WHERE is_day AND succeeded) AS day_good, percentile_disc(0.95) WITHIN GROUP (ORDER BY milliseconds) FILTER (WHERE is_day) AS day_p95,
                count(*) AS week, count(*) FILTER (WHERE succeeded) AS week_good, percentile_disc(0.95) WITHIN GROUP (ORDER BY milliseconds) AS week_p95
              FROM (SELECT at > now() - interval '1 day' AS is_day, succeeded, milliseconds FROM webhook_attempts WHERE endpoint_id = w.id AND at > now() - interval '7 days') a) t
            WHERE w.removed_at IS NULL {where} ORDER BY w.id
            """,
            row => new WebhookFacts(
                row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetFieldValue<string[]>(2), row.Text(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), row.Time(6), row.Text(7), row.Time(8),
                row.Time(9), row.Time(10), row.GetInt64(11), row.GetInt64(12), Tries(row, 13), Tries(row, 16)),
            cancel, values);
    }

    private static WebhookTries Tries(DbDataReader row, int first) => new(row.GetInt64(first), row.GetInt64(first + 1), row.IsDBNull(first + 2) ? null : row.GetInt32(first + 2));

    private static DeliveryRow ReadRow(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5), row.GetFieldValue<DateTimeOffset>(6), row.GetFieldValue<DateTimeOffset>(7), row.Time(8),
        row.IsDBNull(9) ? null : row.GetInt32(9), row.Text(10), row.GetBoolean(11));
}
