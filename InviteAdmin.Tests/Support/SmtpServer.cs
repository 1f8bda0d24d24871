using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace InviteAdmin.Tests.Support;

/// <summary>How a mail server of ours behaves towards one message.</summary>
public enum SmtpMood
{
    Accept,

    /// <summary>451 after the recipient.</summary>
    TryLater,

    /// <summary>550 after the recipient.</summary>
    RefuseRecipient,

    /// <summary>554 after the final dot.</summary>
    RefuseMessage,

    DropBeforeDot,

    /// <summary>Takes the message and is gone before it says so.</summary>
    DropAfterDot,

    /// <summary>Never says another word after the recipient.</summary>
    Stall,
}

/// <summary>A tiny SMTP server on a loopback port: enough of RFC 5321 to take a mail, and to fail at every point of it.</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public SmtpServer()
    {
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public SmtpMood Mood { get; set; }

    /// <summary>The mood towards one recipient; without it, <see cref="Mood"/> towards all.</summary>
    public Func<string, SmtpMood>? MoodTowards { get; set; }

    /// <summary>Told each stage of a talk before it is answered: CONNECT, the client's commands, DOT with the message not yet taken, TAKEN.</summary>
    public Action<string>? Reached { get; set; }

    /// <summary>The stage it goes silent at: CONNECT, GREETED, or a client's command.</summary>
    public string? SilentAt { get; set; }

    /// <summary>Stages it refuses, with what it says: CONNECT or a client's command.</summary>
    public Dictionary<string, string> Refuses { get; } = new(StringComparer.Ordinal);

    /// <summary>Offered with STARTTLS, or from the first byte.</summary>
    public X509Certificate2? Certificate { get; set; }

    public bool ImplicitTls { get; set; }

    /// <summary>What it offers after EHLO beside STARTTLS, such as PIPELINING and AUTH PLAIN.</summary>
    public List<string> Offers { get; } = [];

    /// <summary>Mails it takes on one connection before it hangs up.</summary>
    public int MostOfTalk { get; set; } = int.MaxValue;

    /// <summary>How long it takes to accept a mail.</summary>
    public TimeSpan Slowness { get; set; }

    /// <summary>All that clients said, but for the messages.</summary>
    public ConcurrentQueue<string> Said { get; } = new();

    private int _talks;
    private int _open;
    private int _mostOpen;

    /// <summary>Connections so far, and the most there were at once.</summary>
    public (int All, int AtOnce) Talks => (_talks, _mostOpen);

    /// <summary>The messages taken, as they came over the wire.</summary>
    public ConcurrentQueue<string> Taken { get; } = new();

    public IReadOnlyList<string> MessageIds => [.. Taken.Select(m => m.Split("\r\n").Single(l => l.StartsWith("Message-ID: ", StringComparison.OrdinalIgnoreCase))[12..])];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task Accept()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                talks.Add(Talk(client));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task Talk(TcpClient client)
    {
        using var connection = client;
        Interlocked.Increment(ref _talks);
        var open = Interlocked.Increment(ref _open);
        for (var most = _mostOpen; open > most && Interlocked.CompareExchange(ref _mostOpen, open, most) != most; most = _mostOpen) { }
        Stream stream = client.GetStream();
        try
        {
            if (ImplicitTls) stream = await Secured(stream);
            Reached?.Invoke("CONNECT");
            await Pause("CONNECT");
            await Say(stream, Refuses.GetValueOrDefault("CONNECT", "220 ready"));
            await Pause("GREETED");
            await Listen(stream);
        }
        catch (Exception end) when (end is OperationCanceledException or IOException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
            // The client left, or the test is over.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            await stream.DisposeAsync();
        }
    }

    private async Task Listen(Stream stream)
    {
        var (reader, mood, taken) = (new StreamReader(stream, new UTF8Encoding(false)), Mood, 0);
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            Said.Enqueue(line);
            var command = line.Split(' ')[0].ToUpperInvariant();
            Reached?.Invoke(command);
            await Pause(command);
            if (MoodTowards is { } towards && line.StartsWith("RCPT TO:<", StringComparison.OrdinalIgnoreCase)) mood = towards(line[9..line.IndexOf('>', StringComparison.Ordinal)]);
            if (Refuses.TryGetValue(command, out var refusal)) await Say(stream, refusal);
            else if (command == "STARTTLS")
            {
                await Say(stream, "220 go ahead");
                await using var secured = await Secured(stream);
                await Listen(secured);
                return;
            }
            else if (!await Answer(line, command, MoodTowards is null ? Mood : mood, reader, stream)) return;
            else if (command == "DATA" && ++taken >= MostOfTalk) return;
        }
    }

    private async Task<SslStream> Secured(Stream stream)
    {
        var secured = new SslStream(stream);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _stop.Token);
        return secured;
    }

    private Task Pause(string stage) => SilentAt == stage ? Task.Delay(Timeout.Infinite, _stop.Token) : Task.CompletedTask;

    private async Task Say(Stream stream, string reply) => await stream.WriteAsync(Encoding.UTF8.GetBytes(reply + "\r\n"), _stop.Token);

    /// <summary>False when the connection is dropped.</summary>
    private async Task<bool> Answer(string line, string command, SmtpMood mood, StreamReader reader, Stream stream)
    {
        switch (command)
        {
            case "RCPT" when mood is SmtpMood.TryLater or SmtpMood.RefuseRecipient:
                await Say(stream, mood == SmtpMood.TryLater ? "451 try again later" : "550 no such mailbox");
                return true;
            case "RCPT" when mood == SmtpMood.Stall:
                await Task.Delay(Timeout.Infinite, _stop.Token);
                return false;
            case "EHLO" when Offers.Count > 0 || Certificate is not null:
                string[] offers = [.. Offers, .. Certificate is not null && !ImplicitTls && stream is not SslStream ? ["STARTTLS"] : Array.Empty<string>()];
                await Say(stream, string.Join("\r\n", offers.Prepend("mail.example.com").Select((o, i) => $"250{(i == offers.Length ? ' ' : '-')}{o}")));
                return true;
            case "AUTH" when line == "AUTH LOGIN":
                foreach (var _ in (int[])[1, 2])
                {
                    await Say(stream, "334 VXNlcm5hbWU6");
                    Said.Enqueue(await reader.ReadLineAsync(_stop.Token) ?? "");
                }

                await Say(stream, "235 welcome");
                return true;
            case "AUTH":
                await Say(stream, "235 welcome");
                return true;
            case "DATA":
                await Say(stream, "354 go ahead");
                return mood != SmtpMood.DropBeforeDot && await Take(mood, reader, stream);
            case "QUIT":
                await Say(stream, "221 bye");
                return false;
            default:
                await Say(stream, "250 fine");
                return true;
        }
    }

    private async Task<bool> Take(SmtpMood mood, StreamReader reader, Stream stream)
    {
        var lines = new List<string>();
        for (string? line; (line = await reader.ReadLineAsync(_stop.Token)) != "."; lines.Add(line))
            if (line is null) return false;
        Reached?.Invoke("DOT");
        await Pause("DOT");
        if (Refuses.TryGetValue("DOT", out var refusal) || mood == SmtpMood.RefuseMessage)
        {
            await Say(stream, refusal ?? "554 not this one");
            return true;
        }

        if (Slowness > TimeSpan.Zero) await Task.Delay(Slowness, _stop.Token);
        Taken.Enqueue(string.Join("\r\n", lines));
        Reached?.Invoke("TAKEN");
        if (mood == SmtpMood.DropAfterDot) return false;
        await Say(stream, "250 taken");
        return true;
    }
}
