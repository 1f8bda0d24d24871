using InviteAdmin.Data;
using InviteAdmin.Rollout;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>Reads of single entries.</summary>
public sealed class EntryQueries(NpgsqlDataSource source)
{
    public Task<EntryFacts?> ByStatusToken(string? token, CancellationToken cancel) => One("status_token", token?.Trim().ToLowerInvariant(), cancel);

    public Task<EntryFacts?> ById(string? entryId, CancellationToken cancel) => One("public_id", entryId, cancel);

    /// <summary>Why this person stands where they stand, from the ledger; null for an unknown id.</summary>
    public async Task<string?> WhyThisRank(string entryId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var found = await connection.Query(
            $"""
            SELECT e.points, (SELECT count(*) FROM points_ledger l WHERE l.entry_id = e.id AND l.kind = 'brought'), e.referred_by_id IS NOT NULL, s.name, {RankReason.StaffPoints}, {RankReason.RulesPoints}
            FROM waitlist_entries e LEFT JOIN sources s ON s.id = e.source_id WHERE e.public_id = $1
            """,
            row => RankReason.Sentence(row.GetInt32(0), row.GetInt64(1), row.GetBoolean(2), row.Text(3), row.GetInt64(4), row.GetInt64(5)), cancel, entryId);
        return found.FirstOrDefault();
    }

    private async Task<EntryFacts?> One(string column, string? value, CancellationToken cancel)
    {
        if (value is not { Length: > 0 and <= 100 } || !People.PlainText.IsClean(value))
        {
            return null;
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query($"SELECT {EntryFacts.Columns} FROM waitlist_entries e WHERE e.{column} = $1", EntryFacts.Read, cancel, value)).FirstOrDefault();
    }
}
