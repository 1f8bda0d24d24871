using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

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
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { NewLine = "\r\n", AutoFlush = true };
        try
        {
            Reached?.Invoke("CONNECT");
            await writer.WriteLineAsync("220 ready");
            var mood = Mood;
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (MoodTowards is { } towards && line.StartsWith("RCPT TO:<", StringComparison.OrdinalIgnoreCase)) mood = towards(line[9..line.IndexOf('>', StringComparison.Ordinal)]);
                if (!await Answer(line, MoodTowards is null ? Mood : mood, reader, writer)) return;
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // The client left, or the test is over.
        }
    }

    /// <summary>False when the connection is dropped.</summary>
    private async Task<bool> Answer(string line, SmtpMood mood, StreamReader reader, StreamWriter writer)
    {
        var command = line.Split(' ')[0].ToUpperInvariant();
        Reached?.Invoke(command);
        switch (command)
        {
            case "RCPT" when mood is SmtpMood.TryLater or SmtpMood.RefuseRecipient:
                await writer.WriteLineAsync(mood == SmtpMood.TryLater ? "451 try again later" : "550 no such mailbox");
                return true;
            case "RCPT" when mood == SmtpMood.Stall:
                await Task.Delay(Timeout.Infinite, _stop.Token);
                return false;
            case "DATA":
                await writer.WriteLineAsync("354 go ahead");
                return mood != SmtpMood.DropBeforeDot && await Take(mood, reader, writer);
            case "QUIT":
                await writer.WriteLineAsync("221 bye");
                return false;
            default:
                await writer.WriteLineAsync("250 fine");
                return true;
        }
    }

    private async Task<bool> Take(SmtpMood mood, StreamReader reader, StreamWriter writer)
    {
        var lines = new List<string>();
        for (string? line; (line = await reader.ReadLineAsync(_stop.Token)) != "."; lines.Add(line))
            if (line is null) return false;
        Reached?.Invoke("DOT");
        if (mood == SmtpMood.RefuseMessage)
        {
            await writer.WriteLineAsync("554 not this one");
            return true;
        }

        Taken.Enqueue(string.Join("\r\n", lines));
        Reached?.Invoke("TAKEN");
        if (mood == SmtpMood.DropAfterDot) return false;
        await writer.WriteLineAsync("250 taken");
        return true;
    }
}
