using System.Text;
using System.Text.Json;
using InviteAdmin.Access;
using InviteAdmin.Audit;
using InviteAdmin.Data;
using InviteAdmin.Results;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>What an import is asked to read.</summary>
internal sealed record ImportRequest(string FileId, string FileName);

/// <summary>
/// Takes a CSV into the database and queues its dry run or its import. The file is kept as pieces in a table, so that any
/// process can go on with it.
/// </summary>
public sealed class ImportWaitlist(Transactions transactions, Operations operations, TimeProvider time, NpgsqlDataSource source)
{
    public const long MostBytes = 256L * 1024 * 1024;
    private const int PieceBytes = 256 * 1024;

    /// <summary>Stores the file as it streams in; memory stays at one piece. The answer is the file's id.</summary>
    public async Task<Outcome<string>> Upload(Actor actor, Stream csv, CancellationToken cancel)
    {
        if (actor.Refuse(Permission.Release) is { } refused)
        {
            return refused;
        }

        var fileId = Tokens.NewId("fi", time);
        return await transactions.Run<string>(async connection =>
        {
            // Files are read within a day or never.
            await connection.Execute("DELETE FROM import_pieces WHERE created_at < now() - interval '1 day'", cancel);
            var buffer = new byte[PieceBytes];
            var total = 0L;
            for (var number = 0; ; number++)
            {
                var read = await csv.ReadAtLeastAsync(buffer, PieceBytes, throwOnEndOfStream: false, cancel);
                if (read == 0)
                {
                    return total == 0 ? new Invalid("file", "The file is empty.") : fileId;
                }

                total += read;
                if (total > MostBytes)
                {
                    return new Invalid("file", "The file is larger than 256 MB. Split it and import the parts.");
                }

                await connection.Execute("INSERT INTO import_pieces (file_id, number, bytes) VALUES ($1, $2, $3)", cancel, fileId, number, buffer[..read]);
            }
        }, cancel);
    }

    /// <summary>Queues the dry run or the import of an uploaded file; the answer is the operation's id.</summary>
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

            var kind = dryRun ? "import-check" : "import";
            var id = await operations.Queue(connection, actor, kind, $"{kind}:{requestKey}", JsonSerializer.Serialize(new ImportRequest(fileId, fileName)), cancel);
            if (!dryRun)
            {
                await connection.Audit(actor, "waitlist.imported", "operation", id, cancel);
            }

            return id;
        }, cancel);
    }

    /// <summary>The rows an import did not take, in the file's order, for its report.</summary>
    public async IAsyncEnumerable<ImportReject> Rejects(string operationId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = source.CreateCommand(
            "SELECT r.operation_id, r.line, r.field, r.reason FROM import_rejects r JOIN operations o ON o.id = r.operation_id WHERE o.public_id = $1 ORDER BY r.line, r.field");
        command.Parameters.Add(new NpgsqlParameter { Value = operationId });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return new ImportReject { OperationId = reader.GetInt64(0), Line = reader.GetInt64(1), Field = reader.GetString(2), Reason = reader.GetString(3) };
        }
    }
}

/// <summary>Reads an uploaded file's pieces as one stream, one piece in memory at a time.</summary>
internal sealed class PieceStream(NpgsqlDataSource source, string fileId) : Stream
{
    private byte[] _piece = [];
    private int _at;
    private int _next;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_at == _piece.Length)
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            _piece = await connection.Scalar<byte[]>("SELECT bytes FROM import_pieces WHERE file_id = $1 AND number = $2", cancellationToken, fileId, _next++) ?? [];
            _at = 0;
        }

        var count = Math.Min(buffer.Length, _piece.Length - _at);
        _piece.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>UTF-8 when every byte of the file is; otherwise Latin-1, which spreadsheets of the west still write.</summary>
    public static async Task<Encoding> DetectEncoding(NpgsqlDataSource source, string fileId, CancellationToken cancel)
    {
        await using var pieces = new PieceStream(source, fileId);
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
        var bytes = new byte[64 * 1024];
        var chars = new char[64 * 1024 + 4];
        try
        {
            for (int read; (read = await pieces.ReadAsync(bytes, cancel)) > 0;)
            {
                strict.GetChars(bytes, 0, read, chars, 0, flush: false);
            }

            strict.GetChars([], 0, 0, chars, 0, flush: true);
            return Encoding.UTF8;
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1;
        }
    }
}
