using System.Text;

namespace InviteAdmin.Outbox;

/// <summary>The mail server said no with this code. <c>OfMail</c>: about this mail, not about us as a caller.</summary>
internal sealed class SmtpRefusal(int code, string stage, bool ofMail) : IOException($"The mail server refused with {code} ({stage}).")
{
    public int Code => code;

    /// <summary>5xx about the mail itself: saying it again is useless.</summary>
    public bool IsFinal => ofMail && code >= 500;
}

/// <summary>
/// One connection to a mail server: RFC 5321 with STARTTLS (RFC 3207) or TLS from the first byte (RFC 8314), AUTH PLAIN and LOGIN (RFC 4954),
/// PIPELINING (RFC 2920) and SMTPUTF8 (RFC 6531) where the server offers them. Not for two at once.
/// </summary>
internal sealed class SmtpTalk : IAsyncDisposable
{
    private readonly SmtpWire _wire = new();
    private HashSet<string> _offers = [];

    /// <summary>How many mails it has taken.</summary>
    public int Taken { get; private set; }

    /// <summary>What is being waited for; for the sentence when it does not come.</summary>
    public string Stage => _wire.Stage;

    /// <summary>False once something failed half way: nobody knows what the server expects next.</summary>
    public bool IsSound { get; private set; } = true;

    public async Task Open(SmtpOptions settings, string ownName, CancellationToken cancel)
    {
        try
        {
            await _wire.Connect(settings.Host, settings.Port, cancel);
            if (settings.ImplicitTls)
            {
                await _wire.Secure(settings, cancel);
            }

            _wire.Stage = "greeting";
            Must(await _wire.Read(cancel), 220);
            await Hello(ownName, cancel);
            if (settings is { ImplicitTls: false, StartTls: true })
            {
                if (!_offers.Contains("STARTTLS"))
                {
                    throw new IOException("The mail server does not offer STARTTLS, which Mail:Smtp:StartTls asks for.");
                }

                Must(await Say("STARTTLS", "STARTTLS", cancel), 220);
                await _wire.Secure(settings, cancel);
                await Hello(ownName, cancel);
            }

            if (settings.User.Length > 0)
            {
                await SignIn(settings, cancel);
            }
        }
        catch
        {
            IsSound = false;
            throw;
        }
    }

    /// <summary>Hands over one mail. A refusal leaves the connection usable; anything else does not.</summary>
    /// <param name="mayLeave">Asked when the server has agreed to take it, before the first byte of it goes; throws to keep it.</param>
    public async Task Send(string from, string to, byte[] message, MayLeave mayLeave, CancellationToken cancel)
    {
        var utf8 = !Ascii.IsValid(from) || !Ascii.IsValid(to);
        if (utf8 && !_offers.Contains("SMTPUTF8"))
        {
            throw new RefusedForGood("The mail server takes no address with letters beyond ASCII.");
        }

        IsSound = false;
        var mail = $"MAIL FROM:<{from}>{(utf8 ? " SMTPUTF8" : "")}";
        if (_offers.Contains("PIPELINING"))
        {
            _wire.Stage = "RCPT";
            await _wire.Write($"{mail}\r\nRCPT TO:<{to}>\r\n", cancel);
            var (first, second) = (await _wire.Read(cancel), await _wire.Read(cancel));
            await Expect(first, "MAIL", cancel);
            await Expect(second, "RCPT", cancel);
        }
        else
        {
            await Expect(await Say(mail, "MAIL", cancel), "MAIL", cancel);
            await Expect(await Say($"RCPT TO:<{to}>", "RCPT", cancel), "RCPT", cancel);
        }

        try
        {
            await mayLeave(cancel);
        }
        catch (Withheld)
        {
            await Reset(cancel);
            throw;
        }

        await Expect(await Say("DATA", "DATA", cancel), "DATA", cancel, 354);
        _wire.Stage = "the message";
        await _wire.WriteMessage(message, cancel);
        _wire.Stage = "its receipt";
        await Expect(await _wire.Read(cancel), "the message", cancel);
        (Taken, IsSound) = (Taken + 1, true);
    }

    /// <inheritdoc cref="SmtpWire.IsStale"/>
    public bool IsStale() => _wire.IsStale();

    public async ValueTask DisposeAsync()
    {
        if (IsSound)
        {
            // Out of politeness; the answer is not waited for.
            using var brief = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try
            {
                await _wire.Write("QUIT\r\n", brief.Token);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // It has hung up first.
            }
        }

        await _wire.DisposeAsync();
    }

    private async Task Hello(string ownName, CancellationToken cancel)
    {
        var (code, lines) = await Say($"EHLO {ownName}", "EHLO", cancel);
        if (code >= 500)
        {
            (code, lines) = await Say($"HELO {ownName}", "HELO", cancel);
        }

        Must((code, lines), 250);
        _offers = lines.Skip(1).SelectMany(l => l.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase) ? l.Split(' ', '=').Skip(1).Select(m => "AUTH " + m.ToUpperInvariant()) : [l.Split(' ')[0].ToUpperInvariant()])
            .ToHashSet(StringComparer.Ordinal);
    }

    private async Task SignIn(SmtpOptions settings, CancellationToken cancel)
    {
        if (_offers.Contains("AUTH PLAIN") || !_offers.Contains("AUTH LOGIN"))
        {
            Must(await Say($"AUTH PLAIN {Base64($"\0{settings.User}\0{settings.Password}")}", "AUTH", cancel), 235);
            return;
        }

        Must(await Say("AUTH LOGIN", "AUTH", cancel), 334);
        Must(await Say(Base64(settings.User), "AUTH", cancel), 334);
        Must(await Say(Base64(settings.Password), "AUTH", cancel), 235);
    }

    private async Task<(int Code, List<string> Lines)> Say(string line, string stage, CancellationToken cancel)
    {
        _wire.Stage = stage;
        await _wire.Write(line + "\r\n", cancel);
        return await _wire.Read(cancel);
    }

    private void Must((int Code, List<string> Lines) reply, int wanted)
    {
        if (reply.Code != wanted)
        {
            throw new SmtpRefusal(reply.Code, Stage, ofMail: false);
        }
    }

    // 421 says that the server is about to hang up, whatever it was asked.
    private async Task Expect((int Code, List<string> Lines) reply, string stage, CancellationToken cancel, int wanted = 250)
    {
        if (reply.Code == wanted || (wanted == 250 && reply.Code is 251 or 252))
        {
            return;
        }

        if (reply.Code is >= 400 and < 600 and not 421)
        {
            await Reset(cancel);
        }

        throw new SmtpRefusal(reply.Code, stage, ofMail: true);
    }

    private async Task Reset(CancellationToken cancel)
    {
        try
        {
            IsSound = (await Say("RSET", "RSET", cancel)).Code == 250;
        }
        catch (IOException)
        {
            IsSound = false;
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
