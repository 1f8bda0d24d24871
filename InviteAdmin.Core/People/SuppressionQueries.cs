using System.Data.Common;
using InviteAdmin.Data;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>A suppressed address. Without a person it is one that is on no list of ours; <c>Address</c> is its hash in hexadecimal.</summary>
public sealed record SuppressionRow(string Address, string Reason, DateTimeOffset Since, string? PersonId, string? Name, string? Email, string? Note, string? By);

/// <summary>A page of them; whether another follows is known without counting them all.</summary>
public sealed record SuppressionRows(IReadOnlyList<SuppressionRow> Rows, bool More);

/// <summary>What the providers reported about a person's mail.</summary>
public sealed record MailEventRow(string Type, bool Hard, DateTimeOffset At, string Source, string? Reason, long? OutboxId);

/// <summary>Whether a person gets mail, and what came back.</summary>
public sealed record MailStanding(SuppressionRow? Suppression, IReadOnlyList<MailEventRow> Events);

/// <summary>Reads of suppressions and of what mail providers reported.</summary>
public sealed class SuppressionQueries(NpgsqlDataSource source, EmailHash hashes)
{
    /// <summary>Suppressions are made for one of these.</summary>
    public static readonly IReadOnlyList<string> Reasons = ["unsubscribed", "bounced", "complained", "staff", "erased"];

    private const string Columns =
        """
        SELECT s.email_hash, s.reason, s.created_at, coalesce(m.public_id, e.public_id), coalesce(m.name, e.name), coalesce(m.email, e.email), s.note, s.by_name
        FROM suppressions s LEFT JOIN waitlist_entries e ON e.id = s.entry_id LEFT JOIN members m ON m.id = s.member_id
        """;

    /// <summary>Newest first.</summary>
    /// <param name="before">The moment of the last row of the page before.</param>
    public async Task<SuppressionRows> Page(string? reason, DateTimeOffset? before, int size, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query(
            $"{Columns} WHERE s.created_at < coalesce($1::timestamptz, 'infinity') AND ($2::text IS NULL OR s.reason = $2) ORDER BY s.created_at DESC, s.email_hash LIMIT $3", Read, cancel,
            new NpgsqlParameter { Value = (object?)before ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz }, new NpgsqlParameter { Value = (object?)reason ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }, size + 1);
        return new([.. rows.Take(size)], rows.Count > size);
    }

    /// <summary>By email, also one that is on no list.</summary>
    public async Task<MailStanding> Of(string email, CancellationToken cancel)
    {
        if (!EmailAddress.TryParse(email, out var address, out _))
        {
            return new(null, []);
        }

        var hash = await hashes.Of(address.Canonical, cancel);
        await using var connection = await source.OpenConnectionAsync(cancel);
        var rows = await connection.Query($"{Columns} WHERE s.email_hash = $1", Read, cancel, hash);
        var events = await connection.Query(
            "SELECT type, hard, at, source, reason, outbox_id FROM mail_events WHERE email_hash = $1 ORDER BY id DESC LIMIT 20",
            row => new MailEventRow(row.GetString(0), row.GetBoolean(1), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3), row.Text(4), row.IsDBNull(5) ? null : row.GetInt64(5)), cancel, hash);
        return new(rows.Count == 0 ? null : rows[0], events);
    }

    private static SuppressionRow Read(DbDataReader row) => new(
        Convert.ToHexStringLower((byte[])row[0]), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.Text(3), row.Text(4), row.Text(5), row.Text(6), row.Text(7));
}
