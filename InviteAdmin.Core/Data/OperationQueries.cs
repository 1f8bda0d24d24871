using System.Text.Json;
using Npgsql;

namespace InviteAdmin.Data;

/// <summary>Long work in the list: what it is, how far, who asked, and what came of it in a few words.</summary>
/// <param name="Facts">The report's own numbers and words, by their names.</param>
public sealed record OperationRow(
    string Id, string Kind, string State, long Done, long Total, string? Error, string By, string? Process, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt,
    IReadOnlyList<KeyValuePair<string, string>> Facts);

/// <summary>A page of long work; whether another follows is known without counting it all.</summary>
public sealed record OperationRows(IReadOnlyList<OperationRow> Rows, bool More);

/// <summary>Reads of all long work, whatever its kind.</summary>
public sealed class OperationQueries(NpgsqlDataSource source)
{
    public static readonly IReadOnlyList<string> States = ["queued", "running", "done", "failed"];

    private const int MostFacts = 8;

    /// <summary>Newest first.</summary>
    public async Task<OperationRows> Page(string? state, int page, int size, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query(
            """
            SELECT public_id, kind, state, done, total, error, actor_name, process, created_at, started_at, finished_at, report::text FROM operations
            WHERE $1 = '' OR state = $1 ORDER BY id DESC OFFSET $2 LIMIT $3
            """,
            row => new OperationRow(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.Text(5), row.GetString(6), row.Text(7),
                row.GetFieldValue<DateTimeOffset>(8), row.Time(9), row.Time(10), Facts(row.Text(11))),
            cancel, state ?? "", (page - 1) * size, size + 1);
        return new([.. rows.Take(size)], rows.Count > size);
    }

    /// <summary>The numbers and short texts of a report, its inner objects too: a kind of work that comes later is shown without a word about it here.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> Facts(string? report)
    {
        if (report is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(report);
        return [.. Inner(document.RootElement).Take(MostFacts)];
    }

    private static IEnumerable<KeyValuePair<string, string>> Inner(JsonElement element) => element.ValueKind != JsonValueKind.Object ? [] : element.EnumerateObject().SelectMany(property =>
        property.Value.ValueKind switch
        {
            JsonValueKind.Object => Inner(property.Value),
            JsonValueKind.Number when property.Value.GetRawText() != "0" || property.Name is "number" => [KeyValuePair.Create(property.Name, property.Value.GetRawText())],
            JsonValueKind.String when property.Name is "refusal" or "note" or "name" or "slug" => [KeyValuePair.Create(property.Name, property.Value.GetString() ?? "")],
            _ => (IEnumerable<KeyValuePair<string, string>>)[],
        });
}
