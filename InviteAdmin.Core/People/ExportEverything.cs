using System.Data;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.People;

/// <summary>How much an export holds.</summary>
public sealed record ExportedRows(int Files, long Rows);

/// <summary>
/// Writes everything as a ZIP of CSV files, of one moment, row by row: memory does not grow with the installation. Taking it is an action of its own
/// in the audit. Erased people, links that act in somebody's name, and secrets are not in it.
/// </summary>
public sealed class ExportEverything(Transactions transactions, NpgsqlDataSource source)
{
    /// <param name="line">Writes one line of CSV, safe for spreadsheets.</param>
    public async Task<Outcome<ExportedRows>> One(Actor actor, Stream to, Func<string?[], string> line, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        LongWork.Begin();
        await transactions.Run(async connection =>
        {
            await connection.Audit(actor, "everything.exported", "installation", "everything", cancel);
            return true;
        }, cancel);
        await using var reading = await source.OpenConnectionAsync(cancel);
        await using var moment = await reading.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var rows = 0L;
        await using (var zip = await ZipArchive.CreateAsync(to, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, cancel))
        {
            foreach (var (name, columns, sql) in ExportTables.All)
            {
                await using var file = await zip.CreateEntry(name + ".csv", CompressionLevel.Fastest).OpenAsync(cancel);
                await using var csv = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), 64 * 1024) { NewLine = "\r\n" };
                await csv.WriteLineAsync(columns.AsMemory(), cancel);
                rows += await Write(reading, sql, csv, line, cancel);
            }
        }

        return new ExportedRows(ExportTables.All.Count, rows);
    }

    private static async Task<long> Write(NpgsqlConnection connection, string sql, StreamWriter csv, Func<string?[], string> line, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)LongWork.Most.TotalSeconds };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancel);
        var values = new string?[reader.FieldCount];
        var rows = 0L;
        while (await reader.ReadAsync(cancel))
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = await reader.IsDBNullAsync(i, cancel) ? null : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture);
            }

            await csv.WriteLineAsync(line(values).AsMemory(), cancel);
            rows++;
        }

        return rows;
    }
}
