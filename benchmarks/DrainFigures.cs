using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using InviteAdmin.Data;
using InviteAdmin.Outbox;
using InviteAdmin.People;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace InviteAdmin.Benchmarks;

/// <summary>Draining a queue of mail to a server that takes 5 ms to accept each, by one dispatcher and by two, with all that a dispatcher of a process of its own would have.</summary>
internal static class DrainFigures
{
    public static async Task Run(Lab lab)
    {
        var mails = lab.Short ? 5_000 : 50_000;
        using var sink = new Sink();
        Figures.Say("| dispatchers | mails | s | mails/s | n |\n|---|---|---|---|---|");
        foreach (var dispatchers in (int[])[1, 2])
        {
            var launch = await lab.NewLaunch(0);
            await launch.Execute(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO outbox (template, dedupe_key, recipient, payload) SELECT 'welcome', 'drain:' || i, 'person-' || i || '@example.com', '{{\"name\": \"Ann\", \"statusToken\": \"t\", \"referralToken\": \"r\"}}' FROM generate_series(1, {mails}) i"));
            await launch.Execute("VACUUM ANALYZE outbox");
            var options = Options.Create(new MailOptions { Smtp = new() { Host = "127.0.0.1", Port = sink.Port, StartTls = false } });
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, dispatchers).Select(_ => Task.Run(async () =>
            {
                await using var channel = ActivatorUtilities.CreateInstance<SmtpChannel>(launch.Services, options);
                using var dispatcher = new OutboxDispatcher(launch.One<OutboxQueue>(), launch.One<SharedCommit<LeaveAsk, LeaveAnswer>>(), launch.One<SharedCommit<TryResult, bool>>(), channel, launch.One<ChatChannel>(), launch.One<EmailHash>(), NullLogger<OutboxDispatcher>.Instance);
                while (await dispatcher.Step(CancellationToken.None) > 0)
                {
                }
            })));
            var seconds = clock.Elapsed.TotalSeconds;
            Figures.Say(string.Create(CultureInfo.InvariantCulture, $"| {dispatchers} | {mails:N0} | {seconds:0.0} | {mails / seconds:N0} | 1 |"));
        }
    }

    /// <summary>A mail server that takes every mail after 5 ms and keeps none.</summary>
    private sealed class Sink : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Sink()
        {
            _listener.Start();
            _ = Accept();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task Accept()
        {
            try
            {
                while (true)
                {
                    _ = Talk(await _listener.AcceptTcpClientAsync());
                }
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException)
            {
                // The figure is taken.
            }
        }

        private static async Task Talk(TcpClient client)
        {
            using var connection = client;
            client.NoDelay = true;
            using var reader = new StreamReader(client.GetStream());
            await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 sink");
            while (await reader.ReadLineAsync() is { } line)
            {
                switch (line.Split(' ')[0])
                {
                    case "EHLO":
                        await writer.WriteAsync("250-sink\r\n250 PIPELINING\r\n");
                        break;
                    case "DATA":
                        await writer.WriteLineAsync("354 go ahead");
                        while (await reader.ReadLineAsync() is not (null or "."))
                        {
                        }

                        await Task.Delay(5);
                        await writer.WriteLineAsync("250 taken");
                        break;
                    case "QUIT":
                        return;
                    default:
                        await writer.WriteLineAsync("250 fine");
                        break;
                }
            }
        }
    }
}
