using Npgsql;

namespace InviteAdmin.Data;

/// <summary>One invariant and how many rows break it.</summary>
public sealed record InvariantResult(string Invariant, long Violations);

/// <summary>Reads the view of invariants; nothing it lists may ever be violated.</summary>
public sealed class InvariantCheck(NpgsqlDataSource source)
{
    public async Task<IReadOnlyList<InvariantResult>> All(CancellationToken cancel)
    {
        LongWork.Begin();
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query("SELECT invariant, violations FROM invariant_check ORDER BY violations DESC, invariant", row => new InvariantResult(row.GetString(0), row.GetInt64(1)), cancel);
    }
}
