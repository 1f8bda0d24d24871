namespace InviteAdmin.Outbox;

/// <summary>An effect that leaves the process: a mail or a notification. Written in the transaction that causes it.</summary>
public sealed class OutboxItem
{
    public long Id { get; set; }

    /// <summary>mail, notification or chat.</summary>
    public required string Kind { get; set; }

    /// <summary>The mail's template, or the notification's type.</summary>
    public required string Template { get; set; }

    /// <summary>Unique: the same effect cannot be queued twice.</summary>
    public required string DedupeKey { get; set; }

    public string? Recipient { get; set; }

    /// <summary>JSON: what the template needs.</summary>
    public required string Payload { get; set; }

    public long? EntryId { get; set; }

    public long? MemberId { get; set; }

    public long? CohortId { get; set; }

    public long? CodeId { get; set; }

    /// <summary>pending, sent, dead, cancelled or suppressed.</summary>
    public required string State { get; set; }

    public DateTimeOffset DueAt { get; set; }

    public int Attempts { get; set; }

    /// <summary>While set, one dispatcher works on it; its fence is <see cref="LeaseToken"/>.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    public Guid? LeaseToken { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    /// <summary>Keyed hash of the recipient, written when it was sent, so that suppressions can be checked without the address.</summary>
    public byte[]? RecipientHash { get; set; }

    public string? LastError { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Given when it was first claimed, and never changed. Not part of the model: read by the queue alone.</summary>
    public string? MessageId { get; set; }

    /// <summary>The version of its template that it was made from when it was last tried. Not part of the model.</summary>
    public int? TemplateVersion { get; set; }
}

/// <summary>One try to deliver an outbox item.</summary>
public sealed class OutboxAttempt
{
    public long Id { get; set; }

    public long OutboxId { get; set; }

    public DateTimeOffset At { get; set; }

    /// <summary>sent, retry, dead or suppressed.</summary>
    public required string Outcome { get; set; }

    public string? Error { get; set; }

    public required string Process { get; set; }

    public int Milliseconds { get; set; }
}

/// <summary>A mail as it was sent, kept by the mailbox channel.</summary>
public sealed class MailboxMail
{
    public long OutboxId { get; set; }

    public required string MessageId { get; set; }

    public required string Recipient { get; set; }

    public required string Subject { get; set; }

    public required string Html { get; set; }

    public required string Text { get; set; }

    public DateTimeOffset SentAt { get; set; }
}
