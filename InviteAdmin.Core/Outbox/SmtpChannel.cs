using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using InviteAdmin.Data;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Outbox;

/// <summary>Sends by SMTP. A 5xx reply is final, everything else is tried again; the Message-ID of an item never changes.</summary>
public sealed class SmtpChannel(IOptions<MailOptions> options, MailTemplates templates) : IMailChannel
{
    public TimeSpan Patience => TimeSpan.FromSeconds(options.Value.Smtp.TimeoutSeconds);

    public async Task Deliver(OutboxItem item, CancellationToken cancel)
    {
        var mail = templates.Render(item);
        var settings = options.Value;
        using var message = new MailMessage
        {
            From = new MailAddress(settings.From, settings.FromName, Encoding.UTF8),
            Subject = mail.Subject,
            SubjectEncoding = Encoding.UTF8,
            BodyEncoding = Encoding.UTF8,
            Body = mail.Text,
        };
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(mail.Text, Encoding.UTF8, MediaTypeNames.Text.Plain));
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(mail.Html, Encoding.UTF8, MediaTypeNames.Text.Html));
        message.Headers.Add("Message-ID", templates.MessageId(item));
        try
        {
            message.To.Add(new MailAddress(item.Recipient ?? ""));
        }
        catch (FormatException)
        {
            throw new RefusedForGood("The address cannot be written in a mail header.");
        }

        using var client = new SmtpClient(settings.Smtp.Host, settings.Smtp.Port) { EnableSsl = settings.Smtp.StartTls };
        if (settings.Smtp.User.Length > 0)
        {
            client.Credentials = new NetworkCredential(settings.Smtp.User, settings.Smtp.Password);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(settings.Smtp.TimeoutSeconds));
        try
        {
            await FaultPoints.Pass(FaultPoints.BeforeSmtp);
            await client.SendMailAsync(message, patience.Token);
            await FaultPoints.Pass(FaultPoints.AfterSmtp);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"The mail server did not answer within {settings.Smtp.TimeoutSeconds} s.");
        }
        catch (SmtpException e) when ((int)e.StatusCode is >= 500 and < 600)
        {
            throw new RefusedForGood($"The mail server refused with {(int)e.StatusCode}.");
        }
    }
}
