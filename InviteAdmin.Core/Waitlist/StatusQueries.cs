using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>Points of one kind together: arrived, brought, source, staff, reversal or rules. <c>Source</c> names where the person came from.</summary>
public sealed record PointsLine(string Kind, long Count, long Points, string? Source);

/// <summary>What a mailed confirmation link is good for at this moment.</summary>
public enum ConfirmLink
{
    Unknown,
    Expired,
    Good,
}

/// <summary>Reads for the pages a person on the list sees.</summary>
public sealed class StatusQueries(NpgsqlDataSource source)
{
    /// <summary>A person's ledger by kind, the largest part first.</summary>
    public async Task<IReadOnlyList<PointsLine>> Points(string entryId, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Query(
            """
            SELECT l.kind, count(*), sum(l.points), max(s.name)
            FROM waitlist_entries e JOIN points_ledger l ON l.entry_id = e.id LEFT JOIN sources s ON l.kind = 'source' AND s.id = e.source_id
            WHERE e.public_id = $1 GROUP BY l.kind ORDER BY abs(sum(l.points)) DESC, l.kind
            """,
            row => new PointsLine(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.Text(3)), cancel, entryId);
    }

    /// <summary>Looks without confirming. A link used already is still good: it leads to the same place.</summary>
    public async Task<ConfirmLink> Look(string? confirmToken, CancellationToken cancel)
    {
        if (confirmToken is not { Length: > 0 and <= 100 } || !People.PlainText.IsClean(confirmToken))
        {
            return ConfirmLink.Unknown;
        }

        await using var connection = await source.OpenConnectionAsync(cancel);
        return await connection.Scalar<bool?>(
            "SELECT status = 'unconfirmed' AND confirm_expires_at <= now() FROM waitlist_entries WHERE confirm_token = $1", cancel, confirmToken.Trim().ToLowerInvariant()) switch
        {
            null => ConfirmLink.Unknown,
            true => ConfirmLink.Expired,
            false => ConfirmLink.Good,
        };
    }
}
