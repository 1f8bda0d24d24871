using System.Globalization;
using CsvHelper;
using InviteAdmin.Data;
using InviteAdmin.People;
using Npgsql;

namespace InviteAdmin.Waitlist;

/// <summary>One row of the file, checked: either a person or the reasons why not.</summary>
internal sealed record ImportRow(long Line, EmailAddress Email, string Name, string? Source, string? ReferredBy, DateTimeOffset? JoinedAt, bool Confirmed, IReadOnlyList<(string Field, string Reason)> Faults);

/// <summary>
/// Reads a waitlist CSV: UTF-8 with or without BOM or Latin-1; comma, semicolon or tab; quoted newlines. Columns by name in any
/// order: email (needed), name, source, joined at, referred by (an email), confirmed. A file of members has tier in the place of source,
/// and its inviters are called invited by.
/// </summary>
internal sealed class ImportFile : IDisposable
{
    private const int MostRecordBytes = 1_000_000;
    private readonly CsvReader _csv;
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _now;
    private readonly bool _members;

    private ImportFile(CsvReader csv, DateTimeOffset now, bool members) => (_csv, _now, _members) = (csv, now, members);

    /// <summary>Header names the import does not use.</summary>
    public List<string> Ignored { get; } = [];

    public static async Task<ImportFile> Open(NpgsqlDataSource source, string fileId, DateTimeOffset now, bool members, CancellationToken cancel)
    {
        var encoding = await PieceStream.DetectEncoding(source, fileId, cancel);
        var options = new CsvReaderOptions
        {
            HasHeader = false, MaxRecordSize = MostRecordBytes, TrackLineNumbers = true, TrimWhitespace = true, DetectSeparatorHint = true,
            MalformedData = CsvMalformedDataHandling.Recover, FieldCountMismatch = CsvFieldCountHandling.Allow,
        };
        var file = new ImportFile(CsvReader.Create(new StreamReader(new PieceStream(source, fileId), encoding), options, leaveOpen: false), now, members);
        await file.ReadHeader();
        return file;
    }

    public async IAsyncEnumerable<ImportRow> Rows()
    {
        while (await Advance())
        {
            yield return Check(_csv.LineNumber);
        }
    }

    public void Dispose() => _csv.Dispose();

    private async Task ReadHeader()
    {
        if (!await Advance())
        {
            throw new WorkRefused("The file is empty.");
        }

        for (var i = 0; i < _csv.FieldCount; i++)
        {
            var header = _csv.GetString(i);
            var key = Known(new string([.. header.Where(char.IsLetter)]).ToLowerInvariant());
            if (key is null || !_columns.TryAdd(key, i))
            {
                Ignored.Add(header.Length > 60 ? header[..60] : header);
            }
        }

        if (!_columns.ContainsKey("email"))
        {
            throw new WorkRefused("The first line must name the columns, and one of them must be email. Nothing was imported.");
        }
    }

    private async Task<bool> Advance()
    {
        try
        {
            return await _csv.ReadAsync();
        }
        catch (CsvFormatException)
        {
            throw new WorkRefused(string.Create(CultureInfo.InvariantCulture,
                $"The row that begins near line {_csv.LineNumber:N0} cannot be read: a quote is probably not closed. Correct it and import the file again."));
        }
    }

    private string? Known(string header) => header switch
    {
        "tier" when _members => "source",
        "invitedby" or "inviter" when _members => "referredBy",
        "registeredat" when _members => "joinedAt",
        "source" or "confirmed" or "verified" when _members => null,
        "email" or "emailaddress" or "mail" => "email",
        "name" or "fullname" => "name",
        "source" => "source",
        "joinedat" or "joined" or "createdat" or "signupdate" => "joinedAt",
        "referredby" or "referrer" => "referredBy",
        "confirmed" or "verified" => "confirmed",
        _ => null,
    };

    private ImportRow Check(long line)
    {
        var faults = new List<(string, string)>();
        if (!EmailAddress.TryParse(Field("email"), out var email, out var why))
        {
            faults.Add(("email", why));
        }

        var name = Field("name") ?? email.Address?.Split('@')[0] ?? "";
        if (faults.Count == 0 && !PersonName.TryParse(name, out name, out why))
        {
            faults.Add(("name", why));
        }

        var source = Field("source");
        var most = _members ? 40 : 100;
        if (source is not null && (source.Length > most || !PlainText.IsClean(source)))
        {
            faults.Add((_members ? "tier" : "source", $"{(_members ? "Tier" : "Source")} takes at most {most} plain characters."));
        }

        var joined = Field("joinedAt");
        DateTimeOffset? joinedAt = null;
        if (joined is not null)
        {
            if (!DateTimeOffset.TryParse(joined, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
            {
                faults.Add(("joinedAt", "Joined at is not a date like 2026-03-31 or 2026-03-31T09:00Z."));
            }
            else if (at > _now || at.Year < 2000)
            {
                faults.Add(("joinedAt", "Joined at lies in the future or before the year 2000."));
            }
            else
            {
                joinedAt = at;
            }
        }

        // A referrer that cannot be read costs the referral, not the person; it is reported when links are made.
        var referredBy = Field("referredBy") is { } text ? EmailAddress.TryParse(text, out var referrer, out _) ? referrer.Canonical : "?" : null;
        var confirmed = Field("confirmed")?.ToLowerInvariant() is not ("no" or "false" or "0" or "n");
        return new ImportRow(line, email, name, source, referredBy, joinedAt, confirmed, faults);
    }

    // Exports put an apostrophe before what a spreadsheet would take for a formula; it is not part of the text.
    private string? Field(string column) =>
        _columns.TryGetValue(column, out var at) && at < _csv.FieldCount && _csv.GetString(at) is { Length: > 0 } value
            ? value is ['\'', '=' or '+' or '-' or '@', ..] ? value[1..] : value
            : null;
}
