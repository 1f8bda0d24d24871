using System.Text.Json;
using InviteAdmin.Data;
using InviteAdmin.People;
using InviteAdmin.Referrals;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>What an import found and did. A dry run leaves <c>Added</c> at what would be added.</summary>
public sealed record ImportReport(
    string FileName, long Rows, long Added, long Known, long Repeated, long Invalid, long Linked, long LinksMissing, IReadOnlyList<string> NewSources, IReadOnlyList<string> IgnoredColumns, string Phase);

/// <summary>
/// The long work behind an import: read and check the file into staged rows, leave out repeated and known addresses, add people
/// in the order they joined, five thousand a commit, then link who brought whom. Each commit carries its progress, so that
/// another process goes on where this one died.
/// </summary>
internal sealed class ImportRun(Transactions transactions, JoinWrite join, PointRules points, EmailHash emailHash, NpgsqlDataSource source, TimeProvider time)
{
    private const int Chunk = 5_000;

    public async Task Run(RunningOperation operation, bool dryRun, CancellationToken cancel)
    {
        var request = JsonSerializer.Deserialize<ImportRequest>(operation.Request)!;
        var report = await Resume(operation.Id, cancel) ?? new ImportReport(request.FileName, 0, 0, 0, 0, 0, 0, 0, [], [], "read");
        if (report.Phase == "read")
        {
            report = await Read(operation.Id, request, cancel);
            report = await Sift(operation.Id, report, dryRun, cancel);
        }

        if (!dryRun)
        {
            report = await Add(operation.Id, report, cancel);
            report = await Link(operation.Id, report, cancel);
        }

        await Commit(operation.Id, report.Rows, report with { Phase = "done" }, async connection =>
        {
            await connection.Execute("DELETE FROM import_rows WHERE operation_id = $1", cancel, operation.Id);
            if (!dryRun)
            {
                await connection.Execute("DELETE FROM import_pieces WHERE file_id = $1", cancel, request.FileId);
            }

            await Operations.Finish(connection, operation.Id, JsonSerializer.Serialize(report with { Phase = "done" }, JsonSerializerOptions.Web), cancel);
        }, cancel);
    }

    private async Task<ImportReport> Read(long id, ImportRequest request, CancellationToken cancel)
    {
        await transactions.Run(async connection => await connection.Execute(
            "WITH gone AS (DELETE FROM import_rejects WHERE operation_id = $1) DELETE FROM import_rows WHERE operation_id = $1", cancel, id), cancel);
        using var file = await ImportFile.Open(source, request.FileId, time.GetUtcNow(), members: false, cancel);
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
        await Commit(id, 0, next, async connection =>
        {
            await ImportSql.Stage(connection, id, rows, cancel);
        }, cancel);
        rows.Clear();
        return next;
    }

    private async Task<ImportReport> Sift(long id, ImportReport report, bool dryRun, CancellationToken cancel)
    {
        var next = report;
        await Commit(id, 0, report, async connection =>
        {
            await connection.Execute("ANALYZE import_rows", cancel);
            var repeated = await connection.Execute(ImportSql.DropRepeated, cancel, id);
            var known = await connection.Execute(ImportSql.DropKnown, cancel, id);
            var sources = await connection.Query(ImportSql.NewSources, row => row.GetString(0), cancel, id);
            if (!dryRun)
            {
                await connection.Execute("INSERT INTO sources (slug, name, points) SELECT replace(gen_random_uuid()::text, '-', ''), s, 0 FROM unnest($1::text[]) s ON CONFLICT DO NOTHING", cancel, [sources.ToArray()]);
            }

            var staged = await connection.Scalar<long>("SELECT count(*) FROM import_rows WHERE operation_id = $1", cancel, id);
            var missing = dryRun ? await connection.Scalar<long>(ImportSql.CountMissingReferrers, cancel, id) : 0;
            next = report with { Repeated = repeated, Known = known, NewSources = sources, Added = dryRun ? staged : 0, LinksMissing = missing, Phase = "add" };
            await Note(connection, id, next, cancel);
        }, cancel);
        return next;
    }

    private async Task<ImportReport> Add(long id, ImportReport report, CancellationToken cancel)
    {
        for (var last = Chunk; last == Chunk;)
        {
            var next = report;
            await transactions.Run(async connection =>
            {
                var staged = await connection.Query(ImportSql.NextRows, ReadStaged, cancel, id);
                last = staged.Count;
                if (last > 0)
                {
                    for (var i = 0; i < staged.Count; i++)
                    {
                        staged[i] = (staged[i].Line, staged[i].Row with { EmailHash = await emailHash.Of(staged[i].Row.Email.Canonical, cancel) });
                    }

                    var added = await join.Insert(connection, [.. staged.Select(s => s.Row)], mail: true, importId: id, cancel);
                    await connection.Execute(ImportSql.MarkAdded, cancel, id, staged.Select(s => s.Line).ToArray());
                    next = report with { Added = report.Added + added.Count(isNew => isNew), Known = report.Known + added.Count(isNew => !isNew) };
                    await Hold(connection, id, next, cancel);
                }

                return true;
            }, cancel);
            report = next;
        }

        return report;
    }

    private async Task<ImportReport> Link(long id, ImportReport report, CancellationToken cancel)
    {
        // Planned by the statistics from before the rows were added, linking compares each with each and takes longer than all the rest.
        await transactions.Run(connection => connection.Execute("ANALYZE import_rows, waitlist_entries", cancel), cancel);
        for (var left = true; left;)
        {
            var next = report;
            await transactions.Run(async connection =>
            {
                var counts = (await connection.Query(ImportSql.LinkRows, row => (Seen: row.GetInt64(0), Linked: row.GetInt64(1)), cancel, [id, .. points.Parameters]))[0];
                left = counts.Seen > 0;
                next = report with { Linked = report.Linked + counts.Linked, LinksMissing = report.LinksMissing + counts.Seen - counts.Linked };
                await Hold(connection, id, next, cancel);
                return true;
            }, cancel);
            report = next;
        }

        return report;
    }

    private async Task<ImportReport?> Resume(long id, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var json = await connection.Scalar<string>("SELECT report::text FROM operations WHERE id = $1", cancel, id);
        var report = json is null ? null : JsonSerializer.Deserialize<ImportReport>(json, JsonSerializerOptions.Web);
        return report?.Phase == "add" ? report : null;
    }

    private async Task Commit(long id, long done, ImportReport report, Func<NpgsqlConnection, Task> work, CancellationToken cancel) =>
        await transactions.Run(async connection =>
        {
            await work(connection);
            await Keep(await Operations.Progress(connection, id, done, report.Rows, cancel) || report.Phase == "done");
            return true;
        }, cancel);

    // Rows done and the report so far, in the commit of the rows themselves.
    private static async Task Hold(NpgsqlConnection connection, long id, ImportReport report, CancellationToken cancel)
    {
        await Keep(await Operations.Progress(connection, id, report.Added + report.Known + report.Repeated + report.Invalid, report.Rows, cancel));
        await Note(connection, id, report, cancel);
    }

    private static Task Note(NpgsqlConnection connection, long id, ImportReport report, CancellationToken cancel) =>
        connection.Execute("UPDATE operations SET report = $2::jsonb WHERE id = $1", cancel, id, JsonSerializer.Serialize(report, JsonSerializerOptions.Web));

    private static Task Keep(bool ours) => ours ? Task.CompletedTask : throw new WorkTakenOver();

    private static (long Line, JoinRow Row) ReadStaged(System.Data.Common.DbDataReader row) => (row.GetInt64(0), new JoinRow(
        new EmailAddress(row.GetString(1), row.GetString(2)), row.GetString(3), row.Text(4), null, row.GetBoolean(6), true, row.Time(5)));
}
