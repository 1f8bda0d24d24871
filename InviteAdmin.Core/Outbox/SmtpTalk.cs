using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
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
    private const int LongestLine = 4_096;
    private const int MostLines = 100;
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly byte[] _buffer = new byte[LongestLine];
    private Stream _stream = Stream.Null;
    private HashSet<string> _offers = [];
    private int _from;
    private int _until;

    /// <summary>How many mails it has taken.</summary>
    public int Taken { get; private set; }

    /// <summary>What is being waited for; for the sentence when it does not come.</summary>
    public string Stage { get; private set; } = "connecting";

    /// <summary>False once something failed half way: nobody knows what the server expects next.</summary>
    public bool IsSound { get; private set; } = true;

    public async Task Open(SmtpOptions settings, string ownName, CancellationToken cancel)
    {
        try
        {
            await _tcp.ConnectAsync(settings.Host, settings.Port, cancel);
            _stream = _tcp.GetStream();
            if (settings.ImplicitTls)
            {
                await Secure(settings, cancel);
            }

            Stage = "greeting";
            Must(await Read(cancel), 220);
            await Hello(ownName, cancel);
            if (settings is { ImplicitTls: false, StartTls: true })
            {
                if (!_offers.Contains("STARTTLS"))
                {
                    throw new IOException("The mail server does not offer STARTTLS, which Mail:Smtp:StartTls asks for.");
                }

                Must(await Say("STARTTLS", "STARTTLS", cancel), 220);
                // What came before the encryption was not said by the server we now know.
                (_from, _until) = (0, 0);
                await Secure(settings, cancel);
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
            Stage = "RCPT";
            await Write($"{mail}\r\nRCPT TO:<{to}>\r\n", cancel);
            var (first, second) = (await Read(cancel), await Read(cancel));
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
        Stage = "the message";
        await _stream.WriteAsync(Stuffed(message), cancel);
        await _stream.FlushAsync(cancel);
        Stage = "its receipt";
        await Expect(await Read(cancel), "the message", cancel);
        (Taken, IsSound) = (Taken + 1, true);
    }

    public async ValueTask DisposeAsync()
    {
        if (IsSound)
        {
            // Out of politeness; the answer is not waited for.
            using var brief = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try
            {
                await Write("QUIT\r\n", brief.Token);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // It has hung up first.
            }
        }

        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    /// <summary>Whether the server has hung up, or says something nobody asked for, while the connection lay idle.</summary>
    public bool IsStale()
    {
        try
        {
            return _tcp.Client.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return true;
        }
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

    private async Task Secure(SmtpOptions settings, CancellationToken cancel)
    {
        Stage = "TLS";
        var secured = new SslStream(_stream);
        var options = new SslClientAuthenticationOptions { TargetHost = settings.Host, EnabledSslProtocols = SslProtocols.None };
        if (settings.CaFile.Length > 0)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(settings.CaFile);
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        try
        {
            await secured.AuthenticateAsClientAsync(options, cancel);
        }
        catch (AuthenticationException)
        {
            await secured.DisposeAsync();
            throw new IOException($"The mail server's certificate is not one for {settings.Host} that this machine trusts.");
        }

        _stream = secured;
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
        Stage = stage;
        await Write(line + "\r\n", cancel);
        return await Read(cancel);
    }

    private async Task Write(string text, CancellationToken cancel)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
        await _stream.FlushAsync(cancel);
    }

    private async Task<(int Code, List<string> Lines)> Read(CancellationToken cancel)
    {
        var lines = new List<string>();
        while (lines.Count < MostLines)
        {
            var line = await ReadLine(cancel);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            {
                break;
            }

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] != '-')
            {
                return (code, lines);
            }
        }

        throw new IOException($"The mail server does not speak SMTP ({Stage}).");
    }

    private async Task<string> ReadLine(CancellationToken cancel)
    {
        while (true)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', _from, _until - _from);
            if (end >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _from, end - _from).TrimEnd('\r');
                _from = end + 1;
                return line;
            }

            Buffer.BlockCopy(_buffer, _from, _buffer, 0, _until - _from);
            (_from, _until) = (0, _until - _from);
            if (_until == _buffer.Length)
            {
                throw new IOException($"The mail server does not speak SMTP ({Stage}).");
            }

            var read = await _stream.ReadAsync(_buffer.AsMemory(_until), cancel);
            if (read == 0)
            {
                throw new IOException($"The mail server hung up ({Stage}).");
            }

            _until += read;
        }
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

    // A line that begins with a dot gets a second one (RFC 5321 section 4.5.2), and the message its end.
    private static byte[] Stuffed(byte[] message)
    {
        var stuffed = new MemoryStream(message.Length + 64);
        var atStart = true;
        foreach (var b in message)
        {
            if (atStart && b == '.')
            {
                stuffed.WriteByte((byte)'.');
            }

            stuffed.WriteByte(b);
            atStart = b == '\n';
        }

        stuffed.Write(atStart ? ".\r\n"u8 : "\r\n.\r\n"u8);
        return stuffed.ToArray();
    }
}
