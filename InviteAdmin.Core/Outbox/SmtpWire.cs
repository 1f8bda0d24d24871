using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace InviteAdmin.Outbox;

/// <summary>Lines to and from a mail server, over TCP or TLS. What is not SMTP, or has no end, is an <see cref="IOException"/>.</summary>
internal sealed class SmtpWire : IAsyncDisposable
{
    private const int LongestLine = 4_096;
    private const int MostLines = 100;
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly byte[] _buffer = new byte[LongestLine];
    private Stream _stream = Stream.Null;
    private int _from;
    private int _until;

    /// <summary>What is being waited for; for the sentence when it does not come.</summary>
    public string Stage { get; set; } = "connecting";

    public async Task Connect(string host, int port, CancellationToken cancel)
    {
        await _tcp.ConnectAsync(host, port, cancel);
        _stream = _tcp.GetStream();
    }

    /// <summary>From here on encrypted, with a certificate of this host that the machine, or <c>CaFile</c>, vouches for. What came before was not said by the server we then know.</summary>
    public async Task Secure(SmtpOptions settings, CancellationToken cancel)
    {
        Stage = "TLS";
        (_from, _until) = (0, 0);
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

    public async Task Write(string text, CancellationToken cancel)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
        await _stream.FlushAsync(cancel);
    }

    /// <summary>A whole message and its end.</summary>
    public async Task WriteMessage(byte[] message, CancellationToken cancel)
    {
        await _stream.WriteAsync(Stuffed(message), cancel);
        await _stream.FlushAsync(cancel);
    }

    /// <summary>One reply, of one line or several.</summary>
    public async Task<(int Code, List<string> Lines)> Read(CancellationToken cancel)
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

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

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
