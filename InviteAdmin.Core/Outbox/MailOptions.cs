namespace InviteAdmin.Outbox;

/// <summary>Section <c>Mail</c>: how mail leaves.</summary>
public sealed class MailOptions
{
    /// <summary>mailbox (kept in the database, readable on the Emails page), smtp, or redis (queue items for the company's workers).</summary>
    public string Channel { get; set; } = "mailbox";

    /// <summary>The sender's address.</summary>
    public string From { get; set; } = "invites@example.com";

    public string FromName { get; set; } = "";

    public SmtpOptions Smtp { get; set; } = new();
}

/// <summary>Section <c>Mail:Smtp</c>.</summary>
public sealed class SmtpOptions
{
    public string Host { get; set; } = "";

    public int Port { get; set; } = 587;

    public string User { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>Whether STARTTLS is required.</summary>
    public bool StartTls { get; set; } = true;

    public int TimeoutSeconds { get; set; } = 30;
}
