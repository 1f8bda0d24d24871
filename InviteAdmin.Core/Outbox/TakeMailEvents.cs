using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using InviteAdmin.Access;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Outbox;

/// <summary>What a mail provider says became of a mail.</summary>
/// <param name="Source">Who says so: api, ses, postmark or sendgrid.</param>
/// <param name="Type">bounce, complaint or unsubscribe.</param>
/// <param name="MessageId">The Message-ID we gave the mail. The email or this must be there.</param>
/// <param name="Hard">Of a bounce: whether the address takes no mail for good.</param>
/// <param name="Id">The provider's own id of the event, by which a second copy is known.</param>
public sealed record MailEvent(string Source, string Type, string? Email, string? MessageId, DateTimeOffset? At, bool Hard, string? Reason, string? Id);

/// <summary>How many events were new, and how many had been told before.</summary>
public sealed record MailEventsTaken(int Taken, int Repeated);

/// <summary>
/// Takes what providers report. A hard bounce, a complaint and an unsubscription stop all mail to the address; a soft bounce is only kept.
/// Bounces and complaints are noted on the mail itself, where the gates of a rollout count them. Each event counts once.
/// </summary>
public sealed partial class TakeMailEvents(Transactions transactions, EmailHash hashes)
{
    public const int MostAtOnce = 1_000;
    private const int MostReason = 300;

    public async Task<Outcome<MailEventsTaken>> Run(Actor actor, IReadOnlyList<MailEvent> events, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Integrate) is { } refused)
        {
            return refused;
        }

        if (events.Count > MostAtOnce)
        {
            return new Invalid("events", $"Send at most {MostAtOnce:N0} events at once.");
        }

        // In one order, so that two calls cannot hold each other's addresses.
        var known = new List<(MailEvent Event, string? Canonical, byte[]? Hash)>();
        foreach (var one in events)
        {
            var canonical = EmailAddress.TryParse(one.Email, out var email, out _) ? email.Canonical : null;
            known.Add((one, canonical, canonical is null ? null : await hashes.Of(canonical, cancel)));
        }

        return await transactions.Run<MailEventsTaken>(async connection =>
        {
            var found = new List<(MailEvent Event, string? Canonical, byte[]? Hash, long? OutboxId)>();
            foreach (var (one, canonical, hash) in known)
            {
                var mail = await Mail(connection, one.MessageId, hash, cancel);
                found.Add((one, canonical, hash ?? mail?.Hash, mail?.Id));
            }

            var taken = 0;
            foreach (var (one, canonical, hash, outboxId) in found.OrderBy(f => f.Hash is null ? "" : Convert.ToHexString(f.Hash), StringComparer.Ordinal))
            {
                taken += await Take(connection, one, canonical, hash, outboxId, cancel) ? 1 : 0;
            }

            return new MailEventsTaken(taken, events.Count - taken);
        }, cancel);
    }

    private static async Task<bool> Take(NpgsqlConnection connection, MailEvent one, string? canonical, byte[]? hash, long? outboxId, CancellationToken cancel)
    {
        var reason = Kept(one.Reason);
        var at = await connection.Query(
            """
            INSERT INTO mail_events (dedupe_key, source, type, hard, email_hash, outbox_id, at, reason) VALUES ($1, $2, $3, $4, $5, $6, least($7::timestamptz, now()), $8)
            ON CONFLICT (dedupe_key) DO NOTHING RETURNING at
            """,
            row => row.GetFieldValue<DateTimeOffset>(0), cancel, Key(one, hash), one.Source, one.Type, one.Hard,
            new NpgsqlParameter { Value = (object?)hash ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea }, new NpgsqlParameter { Value = (object?)outboxId ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint },
            new NpgsqlParameter { Value = (object?)one.At?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz }, new NpgsqlParameter { Value = (object?)reason ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        if (at.Count == 0)
        {
            return false;
        }

        var counts = one.Type == "complaint" || one is { Type: "bounce", Hard: true };
        if (counts && outboxId is { } id)
        {
            var column = one.Type == "complaint" ? "complained_at" : "bounced_at";
            await connection.Execute($"UPDATE outbox SET {column} = coalesce({column}, $2) WHERE id = $1", cancel, id, at[0]);
        }

        if (hash is not null && (counts || one.Type == "unsubscribe"))
        {
            await Suppressions.Write(connection, hash, one.Type switch { "complaint" => "complained", "bounce" => "bounced", _ => "unsubscribed" }, canonical, reason, Said(one.Source), cancel);
        }

        return true;
    }

    // The mail named, or the last one sent to the address.
    private static async Task<(long Id, byte[]? Hash)?> Mail(NpgsqlConnection connection, string? messageId, byte[]? hash, CancellationToken cancel)
    {
        if (messageId is not null && OurMessageId().Match(messageId) is { Success: true } ours && long.TryParse(ours.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && long.TryParse(ours.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var second))
        {
            var named = await connection.Query(
                "SELECT id, recipient_hash FROM outbox WHERE id = $1 AND floor(extract(epoch FROM created_at))::bigint = $2",
                row => (row.GetInt64(0), row.IsDBNull(1) ? null : (byte[])row[1]), cancel, id, second);
            if (named.Count > 0)
            {
                return named[0];
            }
        }

        if (hash is null)
        {
            return null;
        }

        var last = await connection.Query(
            "SELECT id FROM outbox WHERE recipient_hash = $1 AND state = 'sent' ORDER BY id DESC LIMIT 1", row => row.GetInt64(0), cancel, hash);
        return last.Count > 0 ? (last[0], hash) : null;
    }

    // The provider's id; else what the event says, which two different events cannot share; else nothing tells two apart.
    private static string Key(MailEvent one, byte[]? hash)
    {
        if (one.Id is { } given)
        {
            return Hashed($"{one.Source}|{given}|{one.Type}|{Hex(hash)}");
        }

        return one.MessageId is null && one.At is null
            ? Guid.NewGuid().ToString("N")
            : Hashed($"{one.Source}|{one.Type}|{one.Hard}|{Hex(hash)}|{one.MessageId}|{one.At?.ToUnixTimeMilliseconds()}");
    }

    private static string Hex(byte[]? hash) => hash is null ? "" : Convert.ToHexString(hash);

    private static string Hashed(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Said(string source) => source switch { "ses" => "Amazon SES", "postmark" => "Postmark", "sendgrid" => "SendGrid", _ => "the API" };

    // Servers quote the address they refuse; an address is not kept outside its own row.
    private static string? Kept(string? reason)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            return null;
        }

        var plain = AddressLike().Replace(string.Concat(reason.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)), "…").Trim();
        return plain.Length > MostReason ? plain[..MostReason] : plain;
    }

    [GeneratedRegex(@"^<?outbox-([0-9]{1,19})\.([0-9]{1,12})@")]
    private static partial Regex OurMessageId();

    [GeneratedRegex(@"[^\s<>;,:""']+@[^\s<>;,:""']+")]
    private static partial Regex AddressLike();
}
