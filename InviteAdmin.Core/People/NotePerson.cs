using System.Globalization;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;

namespace InviteAdmin.People;

/// <summary>Only who wrote a note may delete it.</summary>
public sealed record NoteOfAnother(string Author) : Failure("note-of-another", $"{Author} wrote this note, and only they can delete it.");

/// <summary>Keeps what colleagues should know about a person, in the words of who wrote it. The record of actions tells that, not what.</summary>
public sealed class NotePerson(Transactions transactions)
{
    public const int MostCharacters = 2_000;

    /// <param name="personId">The public id of an entry or of a member.</param>
    /// <param name="requestKey">Made when the form was shown; the same key again adds nothing.</param>
    /// <returns>The note's id.</returns>
    public async Task<Outcome<long>> Add(Actor actor, string personId, string? text, string requestKey, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        // Lines may break; every other character must be one that can be shown.
        var lines = text?.ReplaceLineEndings("\n").Trim() ?? "";
        var checks = new FieldChecks();
        checks.Text("note", lines.Replace('\n', ' '), MostCharacters, required: true);
        if (checks.Failure is { } invalid)
        {
            return invalid;
        }

        return await transactions.Run<long>(async connection =>
        {
            if (await PersonKeys.Of(connection, personId, cancel) is not { } keys)
            {
                return new NotFound("person");
            }

            var onEntry = keys.EntryId is not null;
            var added = await connection.Query(
                $"""
                INSERT INTO notes ({(onEntry ? "entry_id" : "member_id")}, text, author_id, author_name, request_key) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (author_id, request_key) DO NOTHING RETURNING id
                """,
                row => row.GetInt64(0), cancel, onEntry ? keys.Entry : keys.Member, lines, actor.Id, actor.Name, requestKey);
            if (added.Count == 0)
            {
                return await connection.Scalar<long>("SELECT id FROM notes WHERE author_id = $1 AND request_key = $2", cancel, actor.Id, requestKey);
            }

            await connection.Audit(actor, "note.added", onEntry ? "entry" : "member", (onEntry ? keys.EntryId : keys.MemberId)!, cancel, after: new { Note = added[0], Characters = lines.Length });
            return added[0];
        }, cancel);
    }

    /// <summary>Deletes a note for good. False when it was gone already.</summary>
    public async Task<Outcome<bool>> Delete(Actor actor, long noteId, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Assist) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<bool>(async connection =>
        {
            var deleted = await connection.Query(
                """
                WITH gone AS (DELETE FROM notes WHERE id = $1 AND author_id = $2 RETURNING entry_id, member_id, text)
                SELECT coalesce(e.public_id, m.public_id), g.entry_id IS NOT NULL, length(g.text)
                FROM gone g LEFT JOIN waitlist_entries e ON e.id = g.entry_id LEFT JOIN members m ON m.id = g.member_id
                """,
                row => (Person: row.GetString(0), OnEntry: row.GetBoolean(1), Characters: row.GetInt32(2)), cancel, noteId, actor.Id);
            if (deleted.Count == 0)
            {
                return await connection.Scalar<string>("SELECT author_name FROM notes WHERE id = $1", cancel, noteId) is { } author ? new NoteOfAnother(author) : false;
            }

            await connection.Audit(actor, "note.deleted", deleted[0].OnEntry ? "entry" : "member", deleted[0].Person, cancel,
                before: new { Note = noteId.ToString(CultureInfo.InvariantCulture), deleted[0].Characters });
            return true;
        }, cancel);
    }
}
