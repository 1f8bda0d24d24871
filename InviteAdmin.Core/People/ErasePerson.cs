using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>Somebody who was erased, when, and what went with them.</summary>
public sealed record ErasedPerson(string Id, DateTimeOffset ErasedAt, int CodesEnded, int MailsCleared, int NotesDeleted);

/// <summary>
/// Takes a person out of everything we hold: address, name, mails as sent, notes, and answers kept for repeated requests. Whoever waits leaves the list, and codes they could still
/// give away end. What others rest on stays without them: positions, points, redemptions, who brought whom, a member's seat. Their address stays
/// suppressed as a keyed hash, so that nothing is ever mailed to it again. Again changes nothing.
/// </summary>
public sealed class ErasePerson(Transactions transactions, EmailHash hashes, TimeProvider time)
{
    /// <param name="personId">The public id of an entry or of a member.</param>
    public async Task<Outcome<ErasedPerson>> One(Actor actor, string? personId, string? reason, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        var checks = new FieldChecks();
        reason = checks.Text("reason", reason, 500);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        LongWork.Begin();
        return await transactions.Run<ErasedPerson>(async connection =>
        {
            if (await PersonKeys.Of(connection, personId, cancel) is not { } first)
            {
                return new NotFound("person");
            }

            var codes = await connection.Query(ErasePersonSql.LockCodes, row => row.GetInt64(0), cancel, first.Entry, first.Member, first.Emails);
            await connection.Execute(ErasePersonSql.LockEntry, cancel, first.Entry);
            // Who signed up while we waited for their entry is a member now.
            var keys = (await PersonKeys.Of(connection, personId, cancel))!;
            await connection.Execute(ErasePersonSql.LockMember, cancel, keys.Member);
            if (await connection.Scalar<DateTime?>(ErasePersonSql.ErasedAt, cancel, keys.Entry, keys.Member) is { } before)
            {
                return new ErasedPerson(personId!, new DateTimeOffset(before), 0, 0, 0);
            }

            var nowhere = await Suppress(connection, keys, cancel);
            var (ended, mails, notes) = (await connection.Query(
                ErasePersonSql.Clear, row => (row.GetInt32(0), row.GetInt32(1), row.GetInt32(2)), cancel, keys.Entry, keys.Member, keys.Emails, codes.ToArray()))[0];
            await connection.Execute(ErasePersonSql.Answers, cancel, [Needles(keys)]);
            await connection.Execute(ErasePersonSql.Entry, cancel, keys.Entry, nowhere, Tokens.NewLink(time), Tokens.NewLink(time));
            await connection.Execute(ErasePersonSql.Member, cancel, keys.Member, nowhere);
            await connection.Audit(
                actor, "person.erased", keys.EntryId is null ? "member" : "entry", (keys.EntryId ?? keys.MemberId)!, cancel, after: new { CodesEnded = ended, MailsCleared = mails, NotesDeleted = notes }, reason: reason);
            return new ErasedPerson(personId!, new DateTimeOffset((await connection.Scalar<DateTime?>(ErasePersonSql.ErasedAt, cancel, keys.Entry, keys.Member))!.Value), ended, mails, notes);
        }, cancel);
    }

    /// <summary>Clears what a mail that was under way when its person was erased left behind; returns how many.</summary>
    public Task<int> Sweep(CancellationToken cancel) => transactions.Run(connection => connection.Execute(ErasePersonSql.Left, cancel), cancel);

    /// <summary>Notes the hashes of their addresses, and of the address in no domain that takes their place.</summary>
    private async Task<string> Suppress(NpgsqlConnection connection, PersonKeys keys, CancellationToken cancel)
    {
        var nowhere = $"erased-{(keys.EntryId ?? keys.MemberId)!.Replace('_', '-')}@erased.invalid";
        var canonical = await connection.Query(
            "SELECT canonical_email FROM waitlist_entries WHERE id = $1 UNION SELECT canonical_email FROM members WHERE id = $2", row => row.GetString(0), cancel, keys.Entry, keys.Member);
        foreach (var email in canonical.Append(EmailAddress.TryParse(nowhere, out var parsed, out _) ? parsed.Canonical : nowhere).Order(StringComparer.Ordinal))
        {
            await connection.Execute(
                "INSERT INTO suppressions (email_hash, reason) VALUES ($1, 'erased') ON CONFLICT (email_hash) DO UPDATE SET reason = 'erased'", cancel, await hashes.Of(email, cancel));
        }

        return nowhere;
    }

    // An answer names its person by id or, in JSON, by address.
    private static string[] Needles(PersonKeys keys) =>
        [.. ((string?[])[keys.EntryId, keys.MemberId]).OfType<string>(), .. keys.Emails.Select(e => System.Text.Json.JsonSerializer.Serialize(e)).Distinct(StringComparer.Ordinal)];
}
