namespace InviteAdmin.Data;

/// <summary>Long work that survives reload, a closed tab and a restart: its request, progress and report are rows.</summary>
public sealed class Operation
{
    public long Id { get; set; }

    public required string PublicId { get; set; }

    /// <summary>import-check, import, mint, points or release.</summary>
    public required string Kind { get; set; }

    /// <summary>queued, running, done or failed.</summary>
    public required string State { get; set; }

    /// <summary>Unique: the same click cannot start it twice.</summary>
    public required string RequestKey { get; set; }

    /// <summary>JSON.</summary>
    public required string Request { get; set; }

    public required string ActorKind { get; set; }

    public required string ActorId { get; set; }

    public required string ActorName { get; set; }

    public long Done { get; set; }

    public long Total { get; set; }

    /// <summary>JSON: what came of it.</summary>
    public string? Report { get; set; }

    public string? Error { get; set; }

    public string? Process { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>A piece of an uploaded file; the file belongs to the operations that read it, never to a process's disk.</summary>
public sealed class ImportPiece
{
    public required string FileId { get; set; }

    public int Number { get; set; }

    public required byte[] Bytes { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A row of an import that was not taken, and why.</summary>
public sealed class ImportReject
{
    public long OperationId { get; set; }

    public long Line { get; set; }

    public required string Field { get; set; }

    public required string Reason { get; set; }
}

/// <summary>An answer kept for a day, so that a repeated request gets it again.</summary>
public sealed class IdempotencyKey
{
    public required string Caller { get; set; }

    public required string Key { get; set; }

    public required byte[] RequestHash { get; set; }

    public int Status { get; set; }

    public string? ContentType { get; set; }

    public string? Location { get; set; }

    public byte[]? Body { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>One key of ASP.NET Core Data Protection; in the database, because several processes share it.</summary>
public sealed class DataProtectionKey
{
    public long Id { get; set; }

    public required string FriendlyName { get; set; }

    public required string Xml { get; set; }
}

/// <summary>The one row that belongs to this installation: its id and the key of its keyed hashes.</summary>
public sealed class Installation
{
    public bool Id { get; set; }

    public required string Name { get; set; }

    public required byte[] HashKey { get; set; }

    public bool DemoLoaded { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
