using System.Globalization;
using System.Runtime.CompilerServices;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Rollout;

/// <summary>What a decision of the plan is about.</summary>
public enum DecisionKind
{
    /// <summary>Batches that went out.</summary>
    Batches,

    /// <summary>Days on which none did, though the stage was not soaking or held.</summary>
    Idle,

    /// <summary>Soaks, gates that held or passed, and stages that began.</summary>
    Gates,

    /// <summary>What people decided.</summary>
    People,
}

/// <summary>Which decisions of the plan; null for all.</summary>
/// <param name="Stage">From 1.</param>
public sealed record DecisionFilter(DecisionKind? Kind = null, int? Stage = null);

/// <summary>A decision with its place in the history.</summary>
public sealed record NumberedDecision(long Id, DecisionFacts Facts);

/// <summary>A page of the history.</summary>
/// <param name="More">Whether older ones follow.</param>
public sealed record DecisionPage(IReadOnlyList<NumberedDecision> Rows, bool More);

/// <summary>The history of the plan in force, newest first: a page of it, or all of a filter.</summary>
public sealed class DecisionQueries(NpgsqlDataSource source)
{
    /// <param name="before">The last id of the page before.</param>
    public async Task<DecisionPage> Page(DecisionFilter filter, long? before, int size, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query(string.Create(CultureInfo.InvariantCulture, $"{Select(filter, before)} LIMIT {size + 1}"), Read, cancel);
        return new([.. rows.Take(size)], rows.Count > size);
    }

    /// <summary>Every decision of a filter in the order of the table, read as it is sent.</summary>
    public async IAsyncEnumerable<DecisionFacts> All(DecisionFilter filter, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(Select(filter, null), connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return Read(reader).Facts;
        }
    }

    private static string Select(DecisionFilter filter, long? before) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT d.id, d.local_date, d.at, d.outcome, d.reason, c.number, c.invited, d.stage, d.by_name, d.inputs::text FROM rollout_decisions d
        JOIN rollout_plans p ON p.id = d.plan_id AND p.is_current LEFT JOIN cohorts c ON c.id = d.cohort_id
        WHERE {(before is { } id ? $"(d.at, d.id) < (SELECT at, id FROM rollout_decisions WHERE id = {id})" : "true")}
        {(filter.Stage is { } stage ? $"AND d.stage = {stage - 1}" : "")}
        {filter.Kind switch
        {
            DecisionKind.Batches => "AND d.outcome = 'released'",
            DecisionKind.Gates => "AND d.outcome IN ('soaking', 'held', 'advanced', 'completed')",
            DecisionKind.People => "AND d.by_name IS NOT NULL",
            DecisionKind.Idle => "AND d.by_name IS NULL AND d.outcome NOT IN ('released', 'soaking', 'held', 'advanced', 'completed')",
            _ => "",
        }}
        ORDER BY d.at DESC, d.id DESC
        """);

    private static NumberedDecision Read(System.Data.Common.DbDataReader row) => new(row.GetInt64(0), new(
        row.GetFieldValue<DateOnly>(1), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3), row.GetString(4),
        row.IsDBNull(5) ? null : row.GetInt32(5), row.IsDBNull(6) ? null : row.GetInt32(6), row.GetInt32(7), row.Text(8), row.GetString(9)));
}
