using System.Net.Sockets;
using InviteAdmin.Access;
using InviteAdmin.Data;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Outbox;

/// <summary>
/// Sends by SMTP over a few connections that are kept. A 5xx about the mail is final; everything else, also a refused sign-in, is tried again.
/// The Message-ID of an item never changes.
/// </summary>
public sealed class SmtpChannel(IOptions<MailOptions> options, IOptions<AppOptions> app, MailTemplates templates, UnsubscribeLinks unsubscribe, TimeProvider time) : IMailChannel, IAsyncDisposable
{
    private readonly SmtpPool _pool = new(options.Value.Smtp, Uri.TryCreate(app.Value.PublicUrl, UriKind.Absolute, out var url) && Ascii(url.IdnHost) ? url.IdnHost : "localhost", time);

    public TimeSpan Patience => TimeSpan.FromSeconds(options.Value.Smtp.TimeoutSeconds);

    public async Task Deliver(OutboxItem item, MayLeave mayLeave, CancellationToken cancel)
    {
        if (!People.EmailAddress.TryParse(item.Recipient, out var to, out _))
        {
            throw new RefusedForGood("The address cannot be written in a mail header.");
        }

        var settings = options.Value;
        var link = await unsubscribe.Of(item, cancel);
        var mail = await templates.Render(item, link, cancel);
        var message = MimeMessage.Bytes(new(settings.From, settings.FromName, to.Address, mail, templates.MessageId(item), time.GetUtcNow(), link, settings.UnsubscribeMailto));
        await _pool.KeepPace(cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        Func<string> stage = () => "a free connection";
        try
        {
            await FaultPoints.Pass(FaultPoints.BeforeSmtp);
            await _pool.Use(talk => talk.Send(settings.From, to.Address, message, mayLeave, patience.Token), s => stage = s, patience.Token);
            await FaultPoints.Pass(FaultPoints.AfterSmtp);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"The mail server did not answer within {settings.Smtp.TimeoutSeconds} s ({stage()}).");
        }
        catch (SmtpRefusal e) when (e.IsFinal)
        {
            throw new RefusedForGood(e.Message);
        }
        catch (SocketException e)
        {
            throw new IOException($"The mail server cannot be reached ({e.SocketErrorCode}).");
        }
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private static bool Ascii(string host) => host.Length > 0 && System.Text.Ascii.IsValid(host);
}
