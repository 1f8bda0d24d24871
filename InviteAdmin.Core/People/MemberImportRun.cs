using System.Text.Json;
using InviteAdmin.Campaigns;
using InviteAdmin.Data;
using InviteAdmin.Waitlist;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>
/// The long work behind an import of members: read and check the file into staged rows, then leave out and add in one commit, so that
/// nothing is ever half there. A process that dies before it leaves nothing behind; another begins again.
/// </summary>
internal sealed class MemberImportRun(Transactions transactions, NpgsqlDataSource source, TimeProvider time)
{
    private const int Chunk = 5_000;

    public async Task Run(RunningOperation operation, bool dryRun, CancellationToken cancel)
    {
        var request = JsonSerializer.Deserialize<ImportRequest>(operation.Request)!;
        var read = await Read(operation.Id, request, cancel);
        await transactions.Run(async connection =>
        {
            var report = await Sift(connection, operation.Id, read, cancel);
            if (!dryRun)
            {
                report = await Add(connection, operation, report, cancel);
                await connection.Execute("DELETE FROM import_pieces WHERE file_id = $1", cancel, request.FileId);
            }

            await connection.Execute("DELETE FROM import_rows WHERE operation_id = $1", cancel, operation.Id);
            await Keep(connection, operation.Id, report.Rows, report.Rows, cancel);
            await Operations.Finish(connection, operation.Id, JsonSerializer.Serialize(report with { Phase = "done" }, JsonSerializerOptions.Web), cancel);
            return true;
        }, cancel);
    }

    private async Task<ImportReport> Read(long id, ImportRequest request, CancellationToken cancel)
    {
        await transactions.Run(async connection => await connection.Execute(
            "WITH gone AS (DELETE FROM import_rejects WHERE operation_id = $1) DELETE FROM import_rows WHERE operation_id = $1", cancel, id), cancel);
        using var file = await ImportFile.Open(source, request.FileId, time.GetUtcNow(), members: true, cancel);
        var report = new ImportReport(request.FileName, 0, 0, 0, 0, 0, 0, 0, [], file.Ignored, "read");
        var rows = new List<ImportRow>(Chunk);
        await foreach (var row in file.Rows())
        {
            rows.Add(row);
            if (rows.Count == Chunk)
            {
                report = await Stage(id, rows, report, cancel);
            }
        }

        return await Stage(id, rows, report, cancel);
    }

    private async Task<ImportReport> Stage(long id, List<ImportRow> rows, ImportReport report, CancellationToken cancel)
    {
        var next = report with { Rows = report.Rows + rows.Count, Invalid = report.Invalid + rows.Count(r => r.Faults.Count > 0) };
        await transactions.Run(async connection =>
        {
            await Keep(connection, id, 0, next.Rows, cancel);
            await ImportSql.Stage(connection, id, rows, cancel);
            return true;
        }, cancel);
        rows.Clear();
        return next;
    }

    private static async Task<ImportReport> Sift(NpgsqlConnection connection, long id, ImportReport report, CancellationToken cancel)
    {
        await connection.Execute("ANALYZE import_rows", cancel);
        var repeated = await connection.Execute(ImportSql.DropRepeated, cancel, id);
        await connection.Scalar<long>(MemberImportSql.LockEntries, cancel, id);
        var known = await connection.Execute(MemberImportSql.DropKnown, cancel, id);
        var uninvited = await connection.Execute(MemberImportSql.DropUninvited, cancel, id);
        var left = await connection.Query("SELECT count(*), count(referred_by) FROM import_rows WHERE operation_id = $1", row => (People: row.GetInt64(0), Invited: row.GetInt64(1)), cancel, id);
        return report with { Repeated = repeated, Known = known, Invalid = report.Invalid + uninvited, Added = left[0].People, Linked = left[0].Invited };
    }

    private async Task<ImportReport> Add(NpgsqlConnection connection, RunningOperation operation, ImportReport report, CancellationToken cancel)
    {
        var added = await connection.Execute(MemberImportSql.Add, cancel, operation.Id);
        if (added > 0)
        {
            // Spent to its last use by those who came in with it; nobody else can.
            var name = $"Imported: {report.FileName}";
            var (campaign, _) = await MintRows.Campaign(
                connection, operation.Actor, new MintRequest(name[..Math.Min(name.Length, 100)], 1, added), $"import:{operation.PublicId}", time, cancel);
            var code = await connection.Scalar<long>(
                "INSERT INTO invite_codes (code, shown, kind, campaign_id, max_uses, used_count) SELECT c, show_code(c), 'campaign', $1, $2, $2 FROM (SELECT new_code() AS c) x RETURNING id", cancel, campaign.Id, added);
            await connection.Execute(MemberImportSql.Redeem, cancel, operation.Id, code);
            await connection.Execute(MemberImportSql.Register, cancel, operation.Id);
        }

        var linked = await connection.Scalar<long>(MemberImportSql.Refer, cancel, operation.Id);
        await connection.Execute(MemberImportSql.Reached, cancel, operation.Id);
        return report with { Added = added, Known = report.Known + report.Added - added, Linked = linked };
    }

    private static async Task Keep(NpgsqlConnection connection, long id, long done, long rows, CancellationToken cancel)
    {
        if (!await Operations.Progress(connection, id, done, rows, cancel))
        {
            throw new WorkTakenOver();
        }
    }
}
