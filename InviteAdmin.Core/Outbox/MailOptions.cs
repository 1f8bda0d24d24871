namespace InviteAdmin.Outbox;

/// <summary>Section <c>Mail</c>: how mail leaves.</summary>
public sealed class MailOptions
{
    /// <summary>mailbox (kept in the database, readable on the Emails page), smtp, or redis (queue items for the company's workers).</summary>
    public string Channel { get; set; } = "mailbox";

    /// <summary>The sender's address.</summary>
    public string From { get; set; } = "invites@example.com";

    public string FromName { get; set; } = "";

    /// <summary>An address that takes unsubscribe mails, for the mail programs that send one; none without it.</summary>
    public string UnsubscribeMailto { get; set; } = "";

    public SmtpOptions Smtp { get; set; } = new();

    public MailEventsOptions Events { get; set; } = new();
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

    /// <summary>TLS from the first byte (port 465) in place of STARTTLS.</summary>
    public bool ImplicitTls { get; set; }

    /// <summary>PEM file with the roots to trust in place of the machine's, for a mail server with a certificate of the company's own.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>For one mail, from a free connection to the server's receipt.</summary>
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>Connections of one process at once.</summary>
    public int Connections { get; set; } = 8;

    /// <summary>Mails after which a connection is renewed.</summary>
    public int MailsPerConnection { get; set; } = 100;

    /// <summary>Mails one process sends a second; 0 sets no pace.</summary>
    public int MailsPerSecond { get; set; }
}

/// <summary>Section <c>Mail:Events</c>: what proves that a provider's events come from it. Each adapter is off until its value is set.</summary>
public sealed class MailEventsOptions
{
    /// <summary>ARN of the Amazon SNS topic that SES publishes to.</summary>
    public string SesTopicArn { get; set; } = "";

    /// <summary>User and password of HTTP basic authentication in the webhook's address at Postmark.</summary>
    public string PostmarkUser { get; set; } = "";

    public string PostmarkPassword { get; set; } = "";

    /// <summary>The verification key that SendGrid shows for its signed event webhook (base64).</summary>
    public string SendGridPublicKey { get; set; } = "";
}
