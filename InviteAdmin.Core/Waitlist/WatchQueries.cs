using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>A join as the page that made it may see it.</summary>
/// <param name="Shown">The owner of the mail has answered it since: they confirmed their email, or said on their own page that it was them.</param>
public sealed record WatchedJoin(bool Shown, EntryFacts Entry);

/// <summary>A page that still waits for an answer to its join.</summary>
public sealed record OpenWatch(string? Site, DateTimeOffset Since);

/// <summary>Reads of joins whose page waits. A confirmation writes nothing here: that it came after the join is answer enough.</summary>
public sealed class WatchQueries(NpgsqlDataSource source)
{
    private const string Answered = "w.shown_at IS NOT NULL OR coalesce(e.confirmed_at >= w.created_at, false)";

    /// <summary>Null for a token that is unknown or over.</summary>
    public async Task<WatchedJoin?> Find(string? token, CancellationToken cancel)
    {
        if (token is not { Length: > 0 and <= 100 })
        {
            return null;
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            $"SELECT {EntryFacts.Columns}, {Answered} FROM join_watches w JOIN waitlist_entries e ON e.id = w.entry_id WHERE w.token_hash = $1 AND w.created_at > now() - $2 * interval '1 minute'",
            row => new WatchedJoin(row.GetBoolean(10), EntryFacts.Read(row)), cancel, JoinWatch.HashOf(token), JoinWatch.Minutes)).FirstOrDefault();
    }

    /// <summary>The last page that waits for this person; null when none does.</summary>
    public async Task<OpenWatch?> Open(string entryId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return (await connection.Query(
            $"""
            SELECT w.site, w.created_at FROM waitlist_entries e JOIN join_watches w ON w.entry_id = e.id
            WHERE e.public_id = $1 AND w.created_at > now() - $2 * interval '1 minute' AND NOT ({Answered}) ORDER BY w.created_at DESC LIMIT 1
            """,
            row => new OpenWatch(row.Text(0), row.GetFieldValue<DateTimeOffset>(1)), cancel, entryId, JoinWatch.Minutes)).FirstOrDefault();
    }
}
