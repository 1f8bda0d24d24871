using System.Data.Common;
using System.Globalization;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Access;

/// <summary>Which requests to show.</summary>
/// <param name="Route">As in /api/v1/codes/{code}.</param>
/// <param name="Status">A status such as 422, or the first digit of a class of them.</param>
/// <param name="Key">A key's public id; “none” for requests without one.</param>
/// <param name="Id">A request id or an idempotency key.</param>
public sealed record RequestFilter(string? Method = null, string? Route = null, int? Status = null, string? Key = null, string? Id = null);

/// <summary>A request of the log. <c>KeyName</c> is null for the development key and for none.</summary>
public sealed record RequestLine(
    long Id, DateTimeOffset At, double Milliseconds, string Method, string Route, string Path, int Status, string? Problem, string? KeyId, string? KeyName, string? IdempotencyKey, bool Replayed,
    string RequestId, string? Body);

/// <summary>A page of the log; <c>Missed</c> is how many of the last day came too fast to be written.</summary>
public sealed record RequestLines(IReadOnlyList<RequestLine> Rows, bool More, long Missed);

/// <summary>Reads of the request log, newest first.</summary>
public sealed class RequestLogQueries(NpgsqlDataSource source)
{
    /// <param name="before">The last id of the page before.</param>
    public async Task<RequestLines> Page(RequestFilter filter, long? before, int size, CancellationToken cancel)
    {
        var (tests, values) = (new List<string> { "true" }, new List<object>());
        void Test(string test, object? value)
        {
            if (value is not null)
            {
                values.Add(value);
                tests.Add(test.Replace("$", string.Create(CultureInfo.InvariantCulture, $"${values.Count}"), StringComparison.Ordinal));
            }
        }

        Test("l.id < $", before);
        Test("l.method = $", filter.Method);
        Test("l.route = $", filter.Route);
        Test(filter.Status < 10 ? "l.status / 100 = $" : "l.status = $", filter.Status);
        Test("(l.request_id = $ OR l.idempotency_key = $)", filter.Id);
        if (filter.Key == "none")
        {
            tests.Add("l.key_id IS NULL");
        }
        else
        {
            Test("l.key_id = $", filter.Key);
        }

        if (filter.Status is 4 or 5 or >= 400)
        {
            // The small index of what was refused holds these.
            tests.Add("l.status >= 400");
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query(
            string.Create(CultureInfo.InvariantCulture, $"""
                SELECT l.id, l.at, l.ms, l.method, l.route, l.path, l.status, l.problem, l.key_id, k.name, l.idempotency_key, l.replayed, l.request_id, l.body
                FROM (SELECT * FROM request_log l WHERE {string.Join(" AND ", tests)} ORDER BY l.id DESC LIMIT {size + 1}) l LEFT JOIN api_keys k ON k.public_id = l.key_id ORDER BY l.id DESC
                """), Read, cancel, [.. values]);
        var missed = await connection.Scalar<decimal>("SELECT coalesce(sum(requests), 0) FROM request_log_missed WHERE hour >= now() - interval '1 day'", cancel);
        return new([.. rows.Take(size)], rows.Count > size, (long)missed);
    }

    private static RequestLine Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetFloat(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetInt16(6), row.Text(7), row.Text(8), row.Text(9), row.Text(10),
        row.GetBoolean(11), row.GetString(12), row.Text(13));
}
