using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using InviteAdmin.Waitlist;

namespace InviteAdmin.People;

/// <summary>
/// Queues the dry run or the import of people who are members of the product already, with who invited whom. The file is one that
/// <see cref="ImportWaitlist.Upload"/> has taken.
/// </summary>
public sealed class ImportMembers(Transactions transactions, Operations operations)
{
    /// <summary>The kinds of long work.</summary>
    public const string Kind = "import-members";

    public const string CheckKind = "import-members-check";

    /// <summary>The answer is the operation's id.</summary>
    public async Task<Outcome<string>> Start(Actor actor, string fileId, string fileName, bool dryRun, string requestKey, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        return await transactions.Run<string>(async connection =>
        {
            if (!await connection.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM import_pieces WHERE file_id = $1)", cancel, fileId))
            {
                return new Invalid("file", "The file is not here any more. Upload it again.");
            }

            var kind = dryRun ? CheckKind : Kind;
            var id = await operations.Queue(connection, actor, kind, $"{kind}:{requestKey}", JsonSerializer.Serialize(new ImportRequest(fileId, fileName)), cancel);
            if (!dryRun)
            {
                await connection.Audit(actor, "members.imported", "operation", id, cancel);
            }

            return id;
        }, cancel);
    }
}
